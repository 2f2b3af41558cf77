import { Pedido } from "@pedidos/contract";
import { portuguese } from "@pedidos/domain";
import type { Submitting } from "@pedidos/intake";
import { acceptReceived } from "../orders/accept-received.ts";
import type { RefusedOrders } from "../orders/count-refused.ts";
import { receiveOrder } from "../orders/receive-order.ts";
import { route } from "../route.ts";
import { isRefusal, refusal, refuse } from "../server/answer.ts";
import { example } from "./describe.ts";

/** The replaced system did not return before the row was there. */
const WAIT_MS = 10_000;
const [CREATED, ACCEPTED] = [{ msg: "Pedido criado com sucesso" }, { msg: "Pedido aceito" }];

/** `POST /pedido`: 201 once it is recorded, 202 when that takes longer than 10 s. */
export function createPedido(submitting: Submitting, refused: Pick<RefusedOrders, "note">) {
  return route("POST", "/pedido", {
    scope: "legacy",
    operationId: "createPedido",
    summary: "Submit an order in the replaced system's words",
    description: "Waits up to 10 seconds for the order to be recorded. Unknown keys are ignored.",
    tags: ["Replaced system"],
    body: { content: { "application/json": { schema: Pedido } } },
    response: {
      201: example("Recorded.", CREATED),
      202: example("Accepted: durable, and recorded soon.", ACCEPTED),
    },
    refusals: [400, 408, 409, 413, 415, 429, 503],
    async handle(_request, reply, answerJson) {
      const received = await receiveOrder(reply, portuguese);
      if (isRefusal(received)) return refuse(reply, refused.note(reply.request, received));
      const outcome = await acceptReceived(submitting, reply, received, WAIT_MS);
      switch (outcome.kind) {
        case "unavailable":
          return refuse(reply, refusal("unavailable", "Serviço indisponível; tente novamente"));
        case "conflict":
          return refuse(
            reply,
            refusal("order_conflict", `Pedido ${received.order.orderId} já existe com outro conteúdo`),
          );
        case "recorded":
          return answerJson(reply, 201, CREATED);
        case "pending":
          return answerJson(reply, 202, ACCEPTED);
      }
    },
  });
}

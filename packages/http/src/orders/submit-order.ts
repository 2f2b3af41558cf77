import { OrderInput, SubmittedOrder } from "@pedidos/contract";
import { english, formatUnits, totalUnits } from "@pedidos/domain";
import type { Submitting } from "@pedidos/intake";
import { json, route } from "../route.ts";
import { isRefusal, refusal, refuse } from "../server/answer.ts";
import { acceptReceived } from "./accept-received.ts";
import type { RefusedOrders } from "./count-refused.ts";
import { parseWait } from "./parse-prefer.ts";
import { receiveOrder } from "./receive-order.ts";

const NOTHING_DURABLE = refusal(
  "unavailable",
  "Neither the broker nor the database could take it. It may have been kept all the same; sending it again is safe.",
);

/** `POST /v1/orders`: one order, accepted once it is durable; with `Prefer: wait=N` once it is recorded, if it is in time. */
export function submitOrder(submitting: Submitting, refused: Pick<RefusedOrders, "note">) {
  return route("POST", "/v1/orders", {
    scope: "orders:write",
    operationId: "submitOrder",
    summary: "Submit an order",
    description:
      "202 once the order is durable. With `Prefer: wait=N` (RFC 7240, at most 30 seconds) it waits until the order is recorded.",
    tags: ["Orders"],
    headers: {
      prefer: {
        schema: { type: "string" },
        description: "How many seconds to wait for the record.",
        example: "wait=10",
      },
    },
    body: { content: { "application/json": { schema: OrderInput } } },
    response: {
      201: json("Recorded (after waiting).", SubmittedOrder),
      202: json("Accepted: durable, and recorded soon.", SubmittedOrder),
    },
    refusals: [400, 408, 409, 413, 415, 429, 503],
    async handle(request, reply, answerJson) {
      const received = await receiveOrder(reply, english);
      if (isRefusal(received)) return refuse(reply, refused.note(request, received));
      const { prefer } = request.raw.headers;
      const seconds = prefer === undefined ? null : parseWait([prefer].flat().join(","));
      const outcome = await acceptReceived(submitting, reply, received, (seconds ?? 0) * 1_000);
      if (outcome.kind === "unavailable") return refuse(reply, NOTHING_DURABLE);
      if (seconds !== null) reply.header("preference-applied", `wait=${seconds}`);
      const { order } = received;
      const { orderId, customerId } = order;
      if (outcome.kind === "conflict") {
        const detail = `Order ${orderId} is recorded with other content.`;
        return refuse(reply, refusal("order_conflict", detail, { orderId }));
      }
      reply.header("location", `${request.basePath}/v1/orders/${orderId}`);
      if (outcome.kind === "recorded")
        return answerJson(reply, 201, { orderId, customerId, total: outcome.total, status: "recorded" });
      const total = formatUnits(totalUnits(order));
      return answerJson(reply, 202, { orderId, customerId, total, status: "accepted" });
    },
  });
}

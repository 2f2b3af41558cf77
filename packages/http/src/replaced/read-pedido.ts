import type { Store } from "../open-store.ts";
import { idParameter } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import { refusal } from "../server/problem.ts";
import { readPathId } from "../server/read-parameters.ts";
import { refuseWithError } from "./answer-error.ts";
import { errorAnswers, example } from "./describe.ts";

/** `GET /pedido/{codigo}`: an order's total, as a JSON number. */
export function readPedido({ findOrder }: Pick<Store, "findOrder">): Route {
  return route({
    method: "GET",
    url: "/pedido/:codigo",
    scope: "legacy",
    schema: {
      summary: "Read an order's total",
      tags: ["Replaced system"],
      params: idParameter("codigo"),
      response: {
        200: example("The order's total.", { codigo_pedido: 1001, valor_total: 120 }),
        ...errorAnswers(400, 401, 403, 404, 503),
      },
    },
    async handle(request, reply, answerJson) {
      const codigo = readPathId(request.params, "codigo");
      if (codigo.kind === "refused") return refuseWithError(reply, codigo.refusal);
      const order = await findOrder(codigo.value);
      if (order === undefined) return refuseWithError(reply, refusal("not_found", "Pedido não encontrado"));
      return answerJson(reply, 200, { codigo_pedido: order.orderId, valor_total: Number(order.total) });
    },
  });
}

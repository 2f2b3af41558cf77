import type { Store } from "../open-store.ts";
import { idParameter } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import { readPathId } from "../server/read-parameters.ts";
import { refuseWithError } from "./answer-error.ts";
import { errorAnswers, example } from "./describe.ts";

/** `GET /cliente/{codigo}/quantidade_pedidos`: how many orders; 0 for an unknown client. */
export function countPedidos({ findCustomer }: Pick<Store, "findCustomer">): Route {
  return route({
    method: "GET",
    url: "/cliente/:codigo/quantidade_pedidos",
    scope: "legacy",
    schema: {
      summary: "Count a client's orders",
      tags: ["Replaced system"],
      params: idParameter("codigo"),
      response: {
        200: example("The count; 0 for an unknown client.", { codigo_cliente: 1, quantidade_pedidos: 1 }),
        ...errorAnswers(400, 401, 403, 503),
      },
    },
    async handle(request, reply, answerJson) {
      const codigo = readPathId(request.params, "codigo");
      if (codigo.kind === "refused") return refuseWithError(reply, codigo.refusal);
      const { orderCount } = await findCustomer(codigo.value);
      return answerJson(reply, 200, { codigo_cliente: codigo.value, quantidade_pedidos: orderCount });
    },
  });
}

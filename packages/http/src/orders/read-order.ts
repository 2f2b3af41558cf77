import { RecordedOrder } from "@pedidos/contract";
import type { Store } from "../open-store.ts";
import { idParameter, json, problemAnswers } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { refusal } from "../server/problem.ts";
import { readPathId } from "../server/read-parameters.ts";

/** `GET /v1/orders/{orderId}`: an order as it is recorded. */
export function readOrder({ findOrder }: Pick<Store, "findOrder">): Route {
  return route({
    method: "GET",
    url: "/v1/orders/:orderId",
    scope: "orders:read",
    schema: {
      summary: "Read an order",
      tags: ["Orders"],
      params: idParameter("orderId"),
      response: {
        200: json("The order as it is recorded.", RecordedOrder),
        ...problemAnswers(400, 401, 403, 404, 503),
      },
    },
    async handle(request, reply, answerJson) {
      const id = readPathId(request.params, "orderId");
      if (id.kind === "refused") return refuseWithProblem(reply, id.refusal);
      const order = await findOrder(id.value);
      if (order === undefined)
        return refuseWithProblem(reply, refusal("not_found", `No order ${id.value} is recorded.`));
      return answerJson(reply, 200, { ...order, status: "recorded" });
    },
  });
}

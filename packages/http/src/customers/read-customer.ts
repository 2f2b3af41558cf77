import { Customer } from "@pedidos/contract";
import type { Store } from "../open-store.ts";
import { idParameter, json, problemAnswers } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { readPathId } from "../server/read-parameters.ts";

/** `GET /v1/customers/{customerId}`: how many orders, and what they sum up to; 0 for one who has none. */
export function readCustomer({ findCustomer }: Pick<Store, "findCustomer">): Route {
  return route({
    method: "GET",
    url: "/v1/customers/:customerId",
    scope: "orders:read",
    schema: {
      summary: "Read a customer's count and total",
      tags: ["Customers"],
      params: idParameter("customerId"),
      response: {
        200: json("The customer; one without orders has count 0.", Customer),
        ...problemAnswers(400, 401, 403, 503),
      },
    },
    async handle(request, reply, answerJson) {
      const id = readPathId(request.params, "customerId");
      if (id.kind === "refused") return refuseWithProblem(reply, id.refusal);
      return answerJson(reply, 200, await findCustomer(id.value));
    },
  });
}

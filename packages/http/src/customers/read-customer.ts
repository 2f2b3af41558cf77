import { Customer } from "@pedidos/contract";
import type { Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { ID } from "../server/read-parameters.ts";

/** `GET /v1/customers/{customerId}`: the number and total of the customer's orders; 0 without orders. */
export function readCustomer({ findCustomer }: Pick<Store, "findCustomer">) {
  return route("GET", "/v1/customers/:customerId", {
    scope: "orders:read",
    path: { customerId: ID },
    operationId: "readCustomer",
    summary: "Read a customer's count and total",
    description: "Exact, and read at once however many orders there are.",
    tags: ["Customers"],
    response: { 200: json("The customer; one without orders has count 0.", Customer) },
    refusals: [503],
    handle: async (_request, reply, answerJson, { customerId }) =>
      answerJson(reply, 200, await findCustomer(customerId)),
  });
}

import { Customer } from "@pedidos/contract";
import { expect, test } from "vitest";
import { json, route } from "./route.ts";

const customer = { customerId: 1, orderCount: 1, totalValue: "1.00", firstOrderAt: null, lastOrderAt: null };
const declared = { 200: json("The customer.", Customer) };

test("a route answers what it declares; the compiler refuses anything else", () => {
  const { response } = route("GET", "/", {
    scope: null,
    operationId: "readCustomer",
    summary: "",
    tags: [],
    response: declared,
    handle(_request, reply, answerJson) {
      // @ts-expect-error a status that is not declared
      answerJson(reply, 201, customer);
      // @ts-expect-error another type
      answerJson(reply, 200, { ...customer, orderCount: "1" });
      // @ts-expect-error a member is missing
      answerJson(reply, 200, { customerId: 1 });
      // @ts-expect-error a member too many
      answerJson(reply, 200, { ...customer, name: "ana" });
      return answerJson(reply, 200, customer);
    },
  });
  expect(response).toBe(declared);
});

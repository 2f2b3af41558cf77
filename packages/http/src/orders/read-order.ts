import { RecordedOrder } from "@pedidos/contract";
import type { Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { refusal, refuse } from "../server/answer.ts";
import { ID } from "../server/read-parameters.ts";

/** `GET /v1/orders/{orderId}`: an order as it is recorded. */
export function readOrder({ findOrder }: Pick<Store, "findOrder">) {
  return route("GET", "/v1/orders/:orderId", {
    scope: "orders:read",
    path: { orderId: ID },
    operationId: "readOrder",
    summary: "Read an order",
    description:
      "With its items and its exact total, once it is recorded. Until then its trace reports what is known of it.",
    tags: ["Orders"],
    response: { 200: json("The order as it is recorded.", RecordedOrder) },
    refusals: [404, 503],
    async handle(_request, reply, answerJson, { orderId }) {
      const order = await findOrder(orderId);
      if (order === undefined) return refuse(reply, refusal("not_found", `No order ${orderId} is recorded.`));
      return answerJson(reply, 200, { ...order, status: "recorded" });
    },
  });
}

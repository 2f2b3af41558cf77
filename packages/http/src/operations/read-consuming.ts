import { Consuming } from "@pedidos/contract";
import type { Store } from "../open-store.ts";
import { json, problemAnswers } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";

/** `GET /v1/consuming`: whether the consumers record, or were told to stop. */
export function readConsuming(store: Pick<Store, "readConsuming">): Route {
  return route({
    method: "GET",
    url: "/v1/consuming",
    scope: "operations:manage",
    schema: {
      summary: "Tell whether consuming is paused",
      tags: ["Operations"],
      response: { 200: json("Whether it is, since when, and by whom.", Consuming), ...problemAnswers(401, 403, 503) },
    },
    async handle(_request, reply, answerJson) {
      return answerJson(reply.header("cache-control", "no-store"), 200, await store.readConsuming());
    },
  });
}

import { collectDefaultMetrics, type Registry } from "prom-client";
import { problemAnswers } from "../openapi/describe.ts";
import type { Route } from "../route.ts";
import { answer } from "../server/answer.ts";

/** `GET /metrics`: this process and its requests, in the Prometheus text form. */
export function readMetrics(registry: Registry): Route {
  collectDefaultMetrics({ register: registry });
  return {
    method: "GET",
    url: "/metrics",
    scope: "metrics:read",
    schema: {
      summary: "Metrics in the Prometheus text form",
      tags: ["Health"],
      response: {
        200: { description: "The metrics.", content: { "text/plain": { schema: { type: "string" } } } },
        ...problemAnswers(401, 403),
      },
    },
    handle: async (_request, reply) => answer(reply, 200, registry.contentType, await registry.metrics()),
  };
}

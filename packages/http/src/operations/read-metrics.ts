import { collectDefaultMetrics, type Registry } from "prom-client";
import { route } from "../route.ts";
import { answer } from "../server/answer.ts";

/** `GET /metrics`: this process and its requests, in the Prometheus text form. */
export function readMetrics(registry: Registry) {
  collectDefaultMetrics({ register: registry });
  return route("GET", "/metrics", {
    scope: "metrics:read",
    summary: "Metrics in the Prometheus text form",
    tags: ["Health"],
    response: { 200: { description: "The metrics.", content: { "text/plain": { schema: { type: "string" } } } } },
    handle: async (_request, reply) => answer(reply, 200, registry.contentType, await registry.metrics()),
  });
}

import { collectDefaultMetrics, type Registry } from "prom-client";
import { route } from "../route.ts";
import { answer } from "../server/answer.ts";

const EXAMPLE = "# TYPE pedidos_spool_orders gauge\npedidos_spool_orders 0\n";

/** `GET /metrics`: this process and its requests, in the Prometheus text form. */
export function readMetrics(registry: Registry) {
  collectDefaultMetrics({ register: registry });
  return route("GET", "/metrics", {
    scope: "metrics:read",
    operationId: "readMetrics",
    summary: "Metrics in the Prometheus text form",
    description: "Of this process and its requests, and of the backlog.",
    tags: ["Health"],
    response: {
      200: {
        description: "The metrics.",
        content: { "text/plain": { schema: { type: "string", examples: [EXAMPLE] } } },
      },
    },
    handle: async (_request, reply) => answer(reply, 200, registry.contentType, await registry.metrics()),
  });
}

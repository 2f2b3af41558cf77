import { Readiness } from "@pedidos/contract";
import * as Type from "typebox";
import { json } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";

/** → ready with all up, degraded while one road is left: an order can be made durable by either. */
export function readinessOf(dependencies: Readiness["dependencies"], isPaused = false): Readiness {
  const up = Object.values(dependencies).filter((state) => state === "up").length;
  const all = Object.values(dependencies).length;
  const status = up === all ? "ready" : up > 0 ? "degraded" : "unavailable";
  return { status, dependencies, ...(isPaused && { consuming: "paused" }) };
}

const live = Type.Unsafe<{ status: "live" }>({ type: "object", properties: { status: { const: "live" } } });

/** `GET /health/live`: 200 while the process runs. */
export function readLiveness(): Route {
  return route({
    method: "GET",
    url: "/health/live",
    scope: null,
    schema: {
      summary: "Whether the process runs",
      tags: ["Health"],
      response: {
        200: {
          description: "It does.",
          content: { "application/json": { schema: live } },
        },
      },
    },
    handle: (_request, reply, answerJson) =>
      answerJson(reply.header("cache-control", "no-store"), 200, { status: "live" }),
  });
}

/** `GET /health/ready`: 200 while an order can be durably accepted. */
export function readReadiness(readiness: () => Promise<Readiness>): Route {
  return route({
    method: "GET",
    url: "/health/ready",
    scope: null,
    schema: {
      summary: "Whether orders can be accepted durably",
      tags: ["Health"],
      response: {
        200: json("They can; `degraded` with the broker or the database down.", Readiness),
        503: json("They cannot.", Readiness),
      },
    },
    async handle(_request, reply, answerJson) {
      const ready = await readiness();
      return answerJson(reply.header("cache-control", "no-store"), ready.status === "unavailable" ? 503 : 200, ready);
    },
  });
}

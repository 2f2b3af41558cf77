import { json } from "../openapi/describe.ts";
import type { Route } from "../route.ts";
import { answerJson } from "../server/answer.ts";

export type Dependencies = { readonly broker?: "up" | "down"; readonly database: "up" | "down" };
export type Readiness = {
  readonly status: "ready" | "degraded" | "unavailable";
  readonly dependencies: Dependencies;
  /** There while consumers are told to record nothing; orders are accepted all the same. */
  readonly consuming?: "paused";
};

/** → ready with all up, degraded while one road is left: an order can be made durable by either. */
export function readinessOf(dependencies: Dependencies, isPaused = false): Readiness {
  const up = Object.values(dependencies).filter((state) => state === "up").length;
  const all = Object.values(dependencies).length;
  const status = up === all ? "ready" : up > 0 ? "degraded" : "unavailable";
  return { status, dependencies, ...(isPaused && { consuming: "paused" }) };
}

/** `GET /health/live`: 200 while the process runs. */
export function readLiveness(): Route {
  return {
    method: "GET",
    url: "/health/live",
    scope: null,
    schema: {
      summary: "Whether the process runs",
      tags: ["Health"],
      response: {
        200: {
          description: "It does.",
          content: { "application/json": { schema: { type: "object", properties: { status: { const: "live" } } } } },
        },
      },
    },
    handle: (_request, reply) => answerJson(reply.header("cache-control", "no-store"), 200, { status: "live" }),
  };
}

/** `GET /health/ready`: 200 while an order can be durably accepted. */
export function readReadiness(readiness: () => Promise<Readiness>): Route {
  return {
    method: "GET",
    url: "/health/ready",
    scope: null,
    schema: {
      summary: "Whether orders can be accepted durably",
      tags: ["Health"],
      response: {
        200: json("They can; `degraded` with the broker or the database down.", "Readiness"),
        503: json("They cannot.", "Readiness"),
      },
    },
    async handle(_request, reply) {
      const ready = await readiness();
      return answerJson(reply.header("cache-control", "no-store"), ready.status === "unavailable" ? 503 : 200, ready);
    },
  };
}

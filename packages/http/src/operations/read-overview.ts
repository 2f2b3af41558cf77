import { Overview } from "@pedidos/contract";
import { json, problemAnswers } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import type { Snapshot } from "./open-overview.ts";

/** `GET /v1/overview`: rates of the last 15 minutes, what waits, delays, and how the database and the broker are. */
export function readOverview({ read }: { readonly read: () => Promise<Snapshot> }): Route {
  return route({
    method: "GET",
    url: "/v1/overview",
    scope: "metrics:read",
    schema: {
      summary: "Read at a glance how it goes",
      description:
        "What the page at `/` shows. `recorded`, `rejected` and the backlog are the whole system's; `accepted` and `delays` are of the orders that this instance accepted, since it started. Nothing here is kept on disk.",
      tags: ["Health"],
      response: { 200: json("How it goes.", Overview), ...problemAnswers(401, 403) },
    },
    handle: async (_request, reply, answerJson) =>
      answerJson(reply.header("cache-control", "no-store"), 200, show(await read())),
  });
}

function show({ sampleSeconds, history, delays, backlog, queues, readiness }: Snapshot): Overview {
  return {
    readiness,
    backlog: {
      queues: queues ?? null,
      spool: backlog === undefined ? null : { orders: backlog.spoolRows, oldestSeconds: seconds(backlog.spoolSeconds) },
      outbox:
        backlog === undefined ? null : { commits: backlog.outboxRows, oldestSeconds: seconds(backlog.outboxSeconds) },
    },
    delays,
    sampleSeconds,
    history: history.map(({ at, accepted, recorded, rejected }) => ({
      at: new Date(at).toISOString(),
      accepted: rate(accepted),
      recorded: recorded && rate(recorded),
      rejected: rejected && rate(rejected),
    })),
  };
}

const seconds = (value: number) => Math.round(value * 10) / 10;
const rate = (value: number) => Math.round(value * 100) / 100;

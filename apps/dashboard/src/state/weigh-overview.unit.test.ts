import type { Overview } from "@pedidos/contract";
import { expect, test } from "vitest";
import { weighOverview } from "./weigh-overview.ts";

const well: Overview = {
  readiness: { status: "ready", dependencies: { broker: "up", database: "up" } },
  backlog: {
    queues: { "orders.intake": 12, pedidos: null, "orders.dead-letter": 0 },
    spool: { orders: 0, oldestSeconds: 0 },
    outbox: { commits: 1, oldestSeconds: 0.1 },
  },
  consumers: 2,
  stalledSince: null,
  rejections: { open: 5, fresh: 0, conflicts: 0 },
  refused: { orders: 0, by: [] },
  delays: { orders: 3_000, p50Ms: 6, p99Ms: 31, waiting: 0, oldestWaitingSeconds: 0 },
  sampleSeconds: 5,
  history: [],
};
const alone: Overview["readiness"] = { status: "ready", dependencies: { database: "up" } };
const paused: Overview["readiness"] = { ...well.readiness, consuming: "paused" };
const nothing = { ...well.backlog, queues: { "orders.intake": 0, pedidos: 0, "orders.dead-letter": 0 } };
const SINCE = "2026-11-24T12:00:00Z";

/** → the kinds of what is wrong, the worst first, in a system that is well but for this. */
const kinds = (difference: Partial<Overview>) => weighOverview({ ...well, ...difference }).map(({ kind }) => kind);

test.each<[string, Partial<Overview>]>([
  ["orders come in and are recorded", {}],
  ["old rejections stay open", { rejections: { open: 10_000, fresh: 0, conflicts: 0 } }],
  [
    "a process stands alone, and has no broker",
    { readiness: alone, backlog: { ...nothing, queues: null }, consumers: 1 },
  ],
])("all is well: %s", (_, difference) => expect(weighOverview({ ...well, ...difference })).toEqual([]));

test.each<[string[], Partial<Overview>]>([
  [
    ["unavailable", "databaseDown", "brokerDown"],
    { readiness: { status: "unavailable", dependencies: { broker: "down", database: "down" } } },
  ],
  [["databaseDown"], { readiness: { status: "degraded", dependencies: { broker: "up", database: "down" } } }],
  [["brokerDown"], { readiness: { status: "degraded", dependencies: { broker: "down", database: "up" } } }],
  [["noConsumer"], { consumers: 0, stalledSince: SINCE }],
  [["idle"], { consumers: 0, backlog: nothing }],
  [["stalled"], { stalledSince: SINCE }],
  [
    ["stalled", "lags"],
    { backlog: nothing, stalledSince: SINCE, delays: { ...well.delays, waiting: 3, oldestWaitingSeconds: 12 } },
  ],
  [["lags"], { backlog: { ...well.backlog, spool: { orders: 3, oldestSeconds: 11 } } }],
  [["slow"], { delays: { ...well.delays, p99Ms: 19_600 } }],
  [["deadLetters"], { backlog: { ...well.backlog, queues: { ...nothing.queues, "orders.dead-letter": 1 } } }],
  [["unannounced"], { backlog: { ...well.backlog, outbox: { commits: 9, oldestSeconds: 121 } } }],
  [["rejections"], { rejections: { open: 1_000, fresh: 1_000, conflicts: 1_000 } }],
  [["unknown"], { rejections: null }],
  [["unknown"], { backlog: { ...well.backlog, queues: null }, consumers: null }],
  [["paused"], { readiness: paused, consumers: 0, stalledSince: SINCE }],
  [
    ["deadLetters", "rejections", "paused"],
    {
      readiness: paused,
      backlog: { ...well.backlog, queues: { ...nothing.queues, "orders.dead-letter": 1 } },
      rejections: { open: 2, fresh: 2, conflicts: 0 },
    },
  ],
])("%j, the worst first", (expected, difference) => expect(kinds(difference)).toEqual(expected));

test("how much waits is what is known to, at least", () => {
  const [concern] = weighOverview({ ...well, stalledSince: SINCE, delays: { ...well.delays, waiting: 40 } });
  expect(concern).toEqual({ kind: "stalled", tone: "bad", href: null, waiting: 40, since: SINCE });
});

test("one acts on dead letters and rejections in their views; on conflicts alone, where only they are shown", () => {
  const places = (difference: Partial<Overview>) => weighOverview({ ...well, ...difference }).map(({ href }) => href);
  expect(places({ rejections: { open: 3, fresh: 3, conflicts: 3 } })).toEqual(["#/rejections?reason=order_conflict"]);
  expect(places({ rejections: { open: 3, fresh: 3, conflicts: 1 } })).toEqual(["#/rejections"]);
  const queues = { ...nothing.queues, "orders.dead-letter": 1 };
  expect(places({ backlog: { ...nothing, queues } })).toEqual(["#/dead-letters"]);
});

import type { Overview } from "@pedidos/contract";
import type { BrokerFacts } from "@pedidos/messaging";
import type { DatabaseFacts } from "@pedidos/persistence";
import { describe, expect, test } from "vitest";
import type { Finding } from "./finding.ts";
import { inspectRecording, judgeRecording } from "./inspect-recording.ts";
import { judgeBroker } from "./judge-broker.ts";
import { judgeDatabase } from "./judge-database.ts";

const bad = (findings: readonly Finding[]) =>
  findings.flatMap(({ state, what, todo }) => (state === "problem" ? [`${what} → ${todo}`] : []));

const may = { isMeant: true, lacks: [] };
const mayNot = { isMeant: false, lacks: ["insert on spool"] };
const database: DatabaseFacts = {
  version: 180_004,
  encoding: "UTF8",
  isReadOnly: false,
  clockAheadMs: 0,
  pending: [],
  rights: { api: may, consumer: may },
  missingColumns: [],
  durability: {
    fsync: true,
    fullPageWrites: true,
    synchronousCommit: "on",
    synchronousStandbyNames: "a",
    synchronousStandbys: 1,
    holds: [],
    unfrozen: 0,
    seesOthers: true,
    newestAheadMs: null,
  },
};

describe("of a database", () => {
  test.each<[string, Partial<DatabaseFacts>]>([
    ["all is well", {}],
    ["it is the API's user", { rights: { api: may, consumer: mayNot } }],
    ["it is the consumer's user", { rights: { api: mayNot, consumer: may } }],
    ["nothing is migrated, which is said elsewhere", { rights: null }],
  ])("no problem: %s", (_, difference) => expect(bad(judgeDatabase({ ...database, ...difference }))).toEqual([]));

  test.each<[RegExp, Partial<DatabaseFacts>]>([
    [
      /^for the consumer this user lacks usage on order_seq, insert on orders → .*grants/,
      { rights: { api: may, consumer: { isMeant: true, lacks: ["usage on order_seq", "insert on orders"] } } },
    ],
    [/^this user may do neither/, { rights: { api: mayNot, consumer: mayNot } }],
    [/^columns are missing: orders.total → Migrate/, { missingColumns: ["orders.total"] }],
    [/^fsync is off/, { durability: { ...database.durability, fsync: false } }],
  ])("%s", (expected, difference) =>
    expect(bad(judgeDatabase({ ...database, ...difference }))).toEqual([expect.stringMatching(expected)]),
  );
});

const broker: BrokerFacts = {
  product: "RabbitMQ",
  version: "4.2.4",
  alarm: null,
  parts: [
    { name: "orders.intake", kind: "queue", state: "right", messages: 0, consumers: 1 },
    { name: "orders.dead-letter", kind: "queue", state: "right", messages: 0, consumers: 0 },
    { name: "pedidos", kind: "queue", state: "absent" },
  ],
  queues: { virtualHost: "/", asked: "h:15672", refused: null, queues: [], nodes: 3 },
};

describe("of a broker", () => {
  test("no problem: all is well, or its management API does not answer", () => {
    expect(bad(judgeBroker(broker, false))).toEqual([]);
    const unasked = { ...broker, queues: { ...broker.queues, refused: "silent" } as const };
    expect(bad(judgeBroker(unasked, false))).toEqual([]);
  });

  test("a queue that nobody consumes is one, but while consuming is paused by hand", () => {
    // Also if this user may not declare it.
    const parts = (["unseen", "right"] as const).map(
      (state, index) =>
        ({ name: ["orders.intake", "pedidos"][index] ?? "", kind: "queue", state, messages: 7, consumers: 0 }) as const,
    );
    expect(bad(judgeBroker({ ...broker, parts }, false))).toEqual([
      expect.stringMatching(/^nobody consumes the queue orders.intake, where 7 messages wait → Start a consumer/),
      expect.stringMatching(/^nobody consumes the queue pedidos, where 7 messages wait → .*PEDIDOS_QUEUE/),
    ]);
    expect(bad(judgeBroker({ ...broker, parts }, true))).toEqual([]);
  });
});

describe("of recording, by an API", () => {
  const overview: Overview = {
    readiness: { status: "ready", dependencies: { broker: "up", database: "up" } },
    backlog: {
      queues: { "orders.intake": 12, pedidos: null, "orders.dead-letter": 0 },
      spool: { orders: 0, oldestSeconds: 0 },
      outbox: { commits: 0, oldestSeconds: 0 },
    },
    consumers: 2,
    stalledSince: null,
    rejections: { open: 0, fresh: 0, conflicts: 0 },
    refused: { orders: 0, by: [] },
    delays: { orders: 0, p50Ms: null, p99Ms: null, waiting: 0, oldestWaitingSeconds: 0 },
    sampleSeconds: 5,
    history: [],
  };
  const paused = { ...overview.readiness, consuming: "paused" } as const;
  const dead = { ...overview.backlog, queues: { "orders.intake": 12, pedidos: null, "orders.dead-letter": 2 } };

  test("no problem: orders are consumed and recorded, it is paused, or the broker shows it", () => {
    expect(bad(judgeRecording(overview, false))).toEqual([]);
    expect(bad(judgeRecording({ ...overview, consumers: null }, false))).toEqual([]);
    expect(bad(judgeRecording({ ...overview, consumers: 0, readiness: paused }, false))).toEqual([]);
    expect(bad(judgeRecording({ ...overview, consumers: 0, backlog: dead }, true))).toEqual([]);
  });

  test.each<[RegExp, Partial<Overview>]>([
    [
      /^nobody consumes orders.intake, where 12 messages wait → Start/,
      { consumers: 0, stalledSince: "2026-11-24T12:00:00Z" },
    ],
    [/^nothing has been recorded since 2026-11-24T12:00:00Z/, { stalledSince: "2026-11-24T12:00:00Z" }],
    [/^2 dead letters → Inspect/, { backlog: dead }],
  ])("%s", (expected, difference) =>
    expect(bad(judgeRecording({ ...overview, ...difference }, false))).toEqual([expect.stringMatching(expected)]),
  );

  test("an API that does not answer is reported elsewhere", async () => {
    expect(await inspectRecording({ url: "http://127.0.0.1:1", key: undefined }, false)).toEqual([]);
  });
});

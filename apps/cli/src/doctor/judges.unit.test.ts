import type { BrokerFacts } from "@pedidos/messaging";
import type { DatabaseFacts } from "@pedidos/persistence";
import { describe, expect, test } from "vitest";
import type { Finding } from "./finding.ts";
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
    const parts = ["orders.intake", "pedidos"].map(
      (name) => ({ name, kind: "queue", state: "right", messages: 7, consumers: 0 }) as const,
    );
    expect(bad(judgeBroker({ ...broker, parts }, false))).toEqual([
      expect.stringMatching(/^nobody consumes the queue orders.intake, where 7 messages wait → Start a consumer/),
      expect.stringMatching(/^nobody consumes the queue pedidos, where 7 messages wait → .*PEDIDOS_QUEUE/),
    ]);
    expect(bad(judgeBroker({ ...broker, parts }, true))).toEqual([]);
  });
});

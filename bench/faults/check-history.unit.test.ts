import { expect, test } from "vitest";
import type { BadEnd } from "../harness/start-app.ts";
import { checkHistory } from "./check-history.ts";
import type { Operation, OrderRow, Outcome, RejectionRow, SeenEvent, SentOrder } from "./history.ts";
import { FINDINGS, type FindingKind } from "./verdict.ts";

const T = Date.UTC(2026, 10, 24, 12);
const items = [["lápis", 2, 11_000] as const];

function sentOrder(orderId: number, quantity = 2): SentOrder {
  const text = `{"orderId":${orderId},"customerId":7,"items":[{"product":"lápis","quantity":${quantity},"unitPrice":1.1}]}`;
  return { kind: "order", orderId, customerId: 7, items: [["lápis", quantity, 11_000]], text };
}
const answer = (status: number, body = ""): Outcome => ({
  kind: "answered",
  status,
  type: status < 400 ? "application/json" : "application/problem+json",
  retryAfter: status === 503,
  body,
});
const accepted = (total = "2.20") => answer(202, `{"total":"${total}"}`);

function operation(road: Operation["road"], lines: Operation["lines"], outcome: Outcome): Operation {
  return { road, target: "api1", lines, sentAt: T, endedAt: T + 10, outcome };
}

/** Three orders (one by each kind of road), a conflict and a bad message, all as they should be. */
function soundRun() {
  const bad = { kind: "bad", reason: "invalid_json", text: "order 9" } as const;
  const conflict = sentOrder(1, 3);
  const operations: Operation[] = [
    operation("single", [sentOrder(1)], accepted()),
    operation("wait", [sentOrder(2)], { ...answer(201, '{"total":"2.20"}') }),
    operation("lines", [sentOrder(3), bad, conflict], { kind: "confirmed" }),
    operation("single", [sentOrder(4)], { kind: "closed", reason: "ECONNRESET" }),
  ];
  const orders: OrderRow[] = [1, 2, 3].map((orderId) => ({
    orderId,
    customerId: 7,
    itemCount: 1,
    totalUnits: 22_000n,
    recordedAt: "2026-11-24T12:00:00Z",
    committedAt: T + 5,
    items,
  }));
  const rejection = { source: "orders.intake", times: 1, committedAt: T + 5 };
  const rejections: RejectionRow[] = [
    { ...rejection, rejectionId: 1, orderId: null, reason: "invalid_json", body: bad.text },
    { ...rejection, rejectionId: 2, orderId: 1, reason: "order_conflict", body: conflict.text },
  ];
  const events = new Map<string, SeenEvent>();
  const badEnds: BadEnd[] = [];
  const announce = (id: string, data: object) => events.set(id, { id, data, seenAt: T + 20, times: 1 });
  for (const { orderId, customerId, itemCount, recordedAt } of orders)
    announce(`order.recorded:${orderId}`, { orderId, customerId, total: "2.20", itemCount, recordedAt });
  for (const { rejectionId, orderId, reason, source } of rejections)
    announce(`order.rejected:${rejectionId}`, { rejectionId, orderId, reason, source });
  return {
    history: { operations, events, badEnds },
    tables: {
      orders,
      customers: [{ customerId: 7, orderCount: 3, totalUnits: 66_000n }],
      rejections,
      left: { spool: 0, outbox: 0 },
    },
  };
}
type Run = ReturnType<typeof soundRun>;

/** Kinds that are found once the sound run has been doctored. */
function found(doctor: (run: Run) => void): FindingKind[] {
  const run = soundRun();
  doctor(run);
  return [...new Set(checkHistory(run.history, run.tables).findings.map(({ kind }) => kind))].sort();
}
function first<Value>(values: readonly Value[]): Value {
  const [value] = values;
  if (value === undefined) throw new Error("nothing there");
  return value;
}
function change<Value>(values: Value[], index: number, changes: Partial<Value>): void {
  const value = values[index];
  if (value === undefined) throw new Error("nothing to change");
  values[index] = { ...value, ...changes };
}

test("a sound run has no findings, and counts what was recovered", () => {
  const { history, tables } = soundRun();
  expect(checkHistory(history, tables)).toMatchObject({ findings: [], figures: { recovered: 0, recorded: 3 } });
  change(history.operations, 0, { outcome: answer(503) });
  const { findings, figures } = checkHistory(history, tables);
  expect([findings, figures.recovered]).toEqual([[], 1]);
});

function announce({ events }: Run["history"], id: string, data: object, seenAt = T + 20): void {
  events.set(id, { id, data, seenAt, times: 1 });
}

type Doctor = (run: Run) => void;

/** What is done to a sound run, and the kinds that are then found. */
const doctored: Readonly<Record<string, readonly [kinds: string, doctor: Doctor]>> = {
  "an accepted order that is nowhere": [
    "lost",
    ({ history, tables }) => {
      tables.orders.splice(2, 1);
      history.events.delete("order.recorded:3");
      change(tables.customers, 0, { orderCount: 2, totalUnits: 44_000n });
    },
  ],
  "an order that is there twice": [
    "duplicated sums",
    ({ tables }) => void tables.orders.push(...tables.orders.slice(0, 1)),
  ],
  "a rejection that is there twice": [
    "duplicated unannounced",
    ({ tables }) => void tables.rejections.push({ ...first(tables.rejections), rejectionId: 3 }),
  ],
  "an order that nobody sent": [
    "sums unannounced unexpected",
    ({ tables }) => void tables.orders.push({ ...first(tables.orders), orderId: 99 }),
  ],
  "a rejection that nobody caused": [
    "unannounced unexpected",
    ({ tables }) => void tables.rejections.push({ ...first(tables.rejections), rejectionId: 3, body: "order 8" }),
  ],
  "a bad order that was turned away and kept all the same": [
    "unexpected",
    ({ history }) => {
      const bad = { kind: "bad", reason: "invalid_json", text: "order 9" } as const;
      history.operations.splice(2, 1, operation("lines", [sentOrder(3), sentOrder(1, 3)], { kind: "confirmed" }));
      history.operations.push(operation("single", [bad], answer(400)));
    },
  ],
  "a conflict with the very order that is recorded": [
    "unannounced unexpected",
    ({ tables }) => {
      const row = { ...first(tables.rejections), rejectionId: 3, orderId: 3, reason: "order_conflict" };
      tables.rejections.push({ ...row, body: sentOrder(3).text });
    },
  ],
  "a rejection said to be of another order": [
    "altered",
    ({ tables, history }) => {
      change(tables.rejections, 1, { orderId: 2 });
      const data = { rejectionId: 2, orderId: 2, reason: "order_conflict", source: "orders.intake" };
      announce(history, "order.rejected:2", data);
    },
  ],
  "an event of which nothing is committed": [
    "unexpected",
    ({ history }) => announce(history, "order.recorded:9", {}, T),
  ],
  "a total that its items do not make": [
    "altered",
    ({ tables, history }) => {
      change(tables.orders, 2, { totalUnits: 22_001n });
      const data = { orderId: 3, customerId: 7, total: "2.2001", itemCount: 1, recordedAt: "2026-11-24T12:00:00Z" };
      announce(history, "order.recorded:3", data);
    },
  ],
  "other items than were sent": [
    "altered unrejected",
    ({ tables, history }) => {
      change(tables.orders, 2, { items: [["lapis", 2, 11_000]] });
      change(history.operations, 2, { road: "lines" });
    },
  ],
  "an event that says something else than is kept": [
    "altered",
    ({ history }) => announce(history, "order.recorded:1", {}),
  ],
  "a customer's sum that is a little off": [
    "sums",
    ({ tables }) => change(tables.customers, 0, { totalUnits: 66_001n }),
  ],
  "a customer that is missing": ["sums", ({ tables }) => void tables.customers.splice(0)],
  "an accepted conflict that is not among the rejections": [
    "unrejected",
    ({ tables, history }) => {
      tables.rejections.splice(1, 1);
      history.events.delete("order.rejected:2");
    },
  ],
  "an accepted bad message that is not among the rejections": [
    "unrejected",
    ({ tables, history }) => {
      tables.rejections.splice(0, 1);
      history.events.delete("order.rejected:1");
    },
  ],
  "a good order that became poison": [
    "poisoned",
    ({ tables, history }) => {
      tables.orders.splice(2, 1);
      history.events.delete("order.recorded:3");
      change(tables.customers, 0, { orderCount: 2, totalUnits: 44_000n });
      tables.rejections.push({
        ...first(tables.rejections),
        rejectionId: 3,
        reason: "poison",
        body: sentOrder(3).text,
      });
      const data = { rejectionId: 3, orderId: null, reason: "poison", source: "orders.intake" };
      announce(history, "order.rejected:3", data);
    },
  ],
  "an order without an event": ["unannounced", ({ history }) => void history.events.delete("order.recorded:2")],
  "a rejection without an event": ["unannounced", ({ history }) => void history.events.delete("order.rejected:2")],
  "an order announced before its commit": ["early", ({ tables }) => change(tables.orders, 2, { committedAt: T + 100 })],
  "a rejection announced before its commit": [
    "early",
    ({ tables }) => change(tables.rejections, 0, { committedAt: T + 100 }),
  ],
  "an order answered as recorded before its commit": [
    "early",
    ({ tables }) => change(tables.orders, 1, { committedAt: T + 15 }),
  ],
  "a total in an answer that is not exact": [
    "misanswered",
    ({ history }) => change(history.operations, 0, { outcome: accepted("2.21") }),
  ],
  "a conflict answered without one": [
    "misanswered",
    ({ history }) => change(history.operations, 0, { outcome: answer(409) }),
  ],
  "a good order that is refused": [
    "misanswered",
    ({ history }) => change(history.operations, 3, { outcome: answer(400) }),
  ],
  "a 500": ["misanswered", ({ history }) => change(history.operations, 3, { outcome: answer(500) })],
  "a 503 that is no problem document, or has no Retry-After": [
    "misanswered",
    ({ history }) =>
      change(history.operations, 3, {
        outcome: { kind: "answered", status: 503, type: "application/problem+json", retryAfter: false, body: "" },
      }),
  ],
  "a batch that is counted wrong": [
    "misanswered",
    ({ history }) =>
      void history.operations.push(
        operation("batch", [sentOrder(1), sentOrder(2)], answer(200, '{"accepted":1,"rejected":0,"errors":[]}')),
      ),
  ],
  "a request that hung": [
    "unanswered",
    ({ history }) => change(history.operations, 3, { outcome: { kind: "unanswered" } }),
  ],
  "something that still waits": [
    "left",
    ({ tables }) => {
      tables.left.outbox = 1;
    },
  ],
  "a process that ended by itself": [
    "ended",
    ({ history }) => void history.badEnds.push({ name: "consumer1", what: "ended by itself" }),
  ],
};

test.each(Object.entries(doctored))("reports %s", (_, [kinds, doctor]) => {
  expect(found(doctor)).toEqual(kinds.split(" "));
});

test("every kind of finding has a case here", () => {
  const cases = new Set(Object.values(doctored).flatMap(([kinds]) => kinds.split(" ")));
  expect([...cases].sort()).toEqual(Object.keys(FINDINGS).sort());
});

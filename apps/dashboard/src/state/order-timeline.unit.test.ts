import type { OrderTrace, RecordedOrder, TracedRejection } from "@pedidos/contract";
import { expect, test } from "vitest";
import { timelineOf } from "./order-timeline.ts";

const at = (minute: number) => `2026-11-24T12:0${minute}:00.000000Z`;
const rejection = (minute: number): TracedRejection => ({
  rejectionId: minute,
  reason: "order_conflict",
  source: "http",
  times: 1,
  firstSeenAt: at(minute),
  lastSeenAt: at(minute),
  status: "open",
});
const order: RecordedOrder = {
  ...{ orderId: 1, customerId: 1, total: "1.00", items: [], status: "recorded" },
  ...{ placedAt: at(0), recordedAt: at(3) },
};
const recorded = {
  ...{ customerId: 1, total: "1.00", itemCount: 1, placedAt: at(0), recordedAt: at(3) },
  ...{ isTakenOver: false, batchSize: 1, isAnnounced: true },
};
const trace: OrderTrace = {
  ...{ orderId: 1, status: "recorded", recorded, hasMoreRejections: false, waiting: null },
  rejections: [rejection(5), rejection(2)],
};
const kinds = (...parameters: Parameters<typeof timelineOf>) => timelineOf(...parameters).map(({ kind }) => kind);

test("what came before it was recorded stands before, conflicts after it", () => {
  expect(kinds(order, trace)).toEqual(["placed", "rejection", "accepted", "recorded", "announced", "rejection"]);
  expect(timelineOf(order, trace).at(-1)).toMatchObject({ at: at(5) });
});

test.each([
  [false, ["accepted", "recorded", "notAnnounced"]],
  [null, ["accepted", "recorded", "notKnown"]],
])("announced: %s", (isAnnounced, steps) => {
  const known = { ...trace, rejections: [], recorded: { ...recorded, isAnnounced } };
  expect(kinds({ ...order, placedAt: null }, known)).toEqual(steps);
});

test("one that was taken over is neither accepted nor announced; one that waits is in neither", () => {
  const takenOver = { ...trace, rejections: [], recorded: { ...recorded, isTakenOver: true } };
  expect(kinds(order, takenOver)).toEqual(["placed", "takenOver", "recorded"]);
  const deferred = { refusals: 2, code: "55P03", retryAt: at(9) };
  const waiting = { queues: null, spool: { orders: 1, oldestAt: null }, deferred };
  expect(kinds(null, { ...trace, recorded: null, waiting })).toEqual(["rejection", "rejection", "deferred"]);
});

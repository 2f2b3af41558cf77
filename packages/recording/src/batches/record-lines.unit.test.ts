import type { Deferred, Failure, RecordedBatch, Submission } from "@pedidos/persistence";
import { describe, expect, test, vi } from "vitest";
import type { Line } from "../lines/line.ts";
import { openRecordLines } from "./record-lines.ts";

class Answer extends Error {}
class Content extends Error {}
const locked: Failure = { kind: "back_off", code: "55P03", isPerOrder: true };
const content: Failure = { kind: "order", code: "22003", isPerOrder: true };
const bug: Failure = { kind: "bug", code: "TypeError", isPerOrder: false };

const line = (orderId: number, customerId = 1): Line => ({
  source: "orders.intake",
  body: Buffer.from(
    `{"orderId":${orderId},"customerId":${customerId},"items":[{"product":"pen","quantity":1,"unitPrice":1}]}`,
  ),
  tries: 0,
  settle() {},
});
const customerOf = (one: Submission) => (one.kind === "order" ? one.order.customerId : undefined);

/** Records orders but those of customers that are locked. */
function open(lockedCustomers: readonly number[] = []) {
  const held = new Set<number | undefined>(lockedCustomers);
  const recorded: (number | null)[] = [];
  const deferred: Deferred[] = [];
  const record = vi.fn(async (batch: readonly Submission[]): Promise<RecordedBatch> => {
    if (batch.some((one) => held.has(customerOf(one)))) throw new Answer("locked");
    recorded.push(...batch.map((one) => (one.kind === "order" ? one.order.orderId : one.orderId)));
    return { outcomes: [], announcement: { outboxIds: [batch.length], events: [] } };
  });
  const log = { warn: vi.fn(), error: vi.fn() };
  const recordLines = openRecordLines({
    store: {
      classify: (error) => (error instanceof Answer ? locked : error instanceof Content ? content : bug),
      findLockedCustomers: async (ids) => new Set(ids.filter((id) => held.has(id))),
      defer: async (rows) => void deferred.push(...rows),
    },
    record,
    canRecord: async () => true,
    log,
  });
  return { recordLines, record, recorded, deferred, held, log };
}

describe("a customer whose row another session locks", () => {
  test("has its orders deferred, under its order's id; the others are recorded and announced", async () => {
    const { recordLines, recorded, deferred } = open([2]);
    const { announcements, bug: met } = await recordLines([line(1, 1), line(2, 2), line(3, 3)]);
    expect([recorded, announcements.length, met]).toEqual([[1, 3], 1, undefined]);
    expect(deferred).toMatchObject([{ orderId: 2, code: "55P03", isSuspect: false, source: "orders.intake" }]);
  });

  test("is not waited for again: its next orders are deferred untried, until one that was deferred is recorded", async () => {
    const { recordLines, record, recorded, deferred, held } = open([2]);
    await recordLines([line(1, 2)]);
    record.mockClear();
    await recordLines([line(2, 2), line(3, 3)]);
    expect(record.mock.calls.map(([batch]) => batch.length)).toEqual([1]);
    expect(deferred.map(({ orderId }) => orderId)).toEqual([1, 2]);
    held.clear();
    await recordLines([line(1, 2)], { apart: true });
    await recordLines([line(4, 2)]);
    expect(recorded).toEqual([3, 1, 4]);
  });
});

test("a bug in reading one line is logged with its stack, and keeps no other from its record; the line waits", async () => {
  const { recordLines, recorded, deferred, log } = open();
  const { bug: met } = await recordLines([line(1), line(2), line(3)], {
    read(one) {
      if (String(one.body).includes('"orderId":2')) throw new TypeError("undefined is no function");
      return {
        ...one,
        kind: "rejected",
        reason: "poison",
        orderId: Number(/\d+/.exec(String(one.body))?.[0]),
        faults: [],
      };
    },
  });
  expect([recorded, met]).toEqual([[1, 3], bug]);
  expect(deferred).toMatchObject([{ orderId: null, code: "TypeError" }]);
  expect(log.error).toHaveBeenCalledWith({ err: expect.any(TypeError) }, expect.stringContaining("a bug"));
});

test("an order whose content is refused, and its rejection too for now, waits: it is not lost", async () => {
  const { recordLines, record, recorded, deferred } = open();
  const works = record.getMockImplementation();
  record.mockImplementation(async (batch) => {
    if (batch.some((one) => one.kind === "order" && one.order.orderId === 2)) throw new Content("too large");
    if (batch.some((one) => one.kind === "rejected")) throw new Answer("a lock on the rejections");
    if (works === undefined) throw new Error("unreachable");
    return await works(batch);
  });
  await recordLines([line(1), line(2), line(3)]);
  expect(recorded).toEqual([1, 3]);
  expect(deferred).toMatchObject([{ orderId: 2, code: "55P03", body: line(2).body }]);
});

test("no content of an order is logged", async () => {
  const { recordLines, log } = open([2]);
  await recordLines([line(1, 2)]);
  expect(log.warn.mock.calls).toEqual([[{ orders: 1, codes: ["55P03"] }, expect.any(String)]]);
});

import type { Failure, RecordedBatch, StatementLimits, Submission } from "@pedidos/persistence";
import { describe, expect, test, vi } from "vitest";
import { NothingRecorded, recordBatch } from "./record-batch.ts";

class Refusal extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super("no such thing");
    this.failure = failure;
  }
}
const ofOrder: Failure = { kind: "order", code: "22P02", isPerOrder: true };
const ofTrigger: Failure = { kind: "back_off", code: "P0001", isPerOrder: true };
const locked: Failure = { kind: "back_off", code: "55P03", isPerOrder: true };
const missingRight: Failure = { kind: "back_off", code: "42501", isPerOrder: false };
const deadlock: Failure = { kind: "again", code: "40P01", isPerOrder: false };
const lost: Failure = { kind: "connection_lost", code: "LostConnection", isPerOrder: false };
const bug: Failure = { kind: "bug", code: "TypeError", isPerOrder: false };

const submission = (orderId: number): Submission => ({
  kind: "order",
  order: { orderId, customerId: orderId % 10, placedAt: null, items: [] },
  source: "http",
  body: Buffer.from(`${orderId}`),
  spoolId: orderId,
});
const batchOf = (size: number) => Array.from({ length: size }, (_, i) => submission(i));
const done: RecordedBatch = { outcomes: [], announcement: { outboxIds: [], events: [] } };
const idOf = (s: Submission) => (s.kind === "order" ? s.order.orderId : Number(s.orderId));

/** Answers a batch in which one of these orders stands with a failure. */
function open(failure: Failure, culprits: (orderId: number) => boolean, { canRecord = true } = {}) {
  const committed: Submission[] = [];
  const limits: (StatementLimits | undefined)[] = [];
  const record = vi.fn(async (batch: readonly Submission[], limit?: StatementLimits) => {
    limits.push(limit);
    if (batch.some((s) => s.kind === "order" && culprits(s.order.orderId))) throw new Refusal(failure);
    committed.push(...batch);
    return done;
  });
  const deps = {
    record,
    classify: (error: unknown) => (error instanceof Refusal ? error.failure : bug),
    canRecord: vi.fn(async () => canRecord),
    findLocked: vi.fn(async (some: readonly Submission[]) => new Set(some.filter((s) => culprits(idOf(s))))),
  };
  return { deps, record, committed, limits };
}

describe("orders whose content the database refuses", () => {
  test.each([[[]], [[0]], [[7]], [[99]], [[3, 4]], [[0, 50, 99]]])("of 100 with culprits %j", async (culprits) => {
    const { deps, record, committed } = open(ofOrder, (id) => culprits.includes(id));
    const batch = batchOf(100);
    const { refused } = await recordBatch(deps, batch);
    expect(refused).toEqual([]);
    expect(committed.map(idOf)).toEqual(batch.map(idOf));
    const rejected = committed.filter((s) => s.kind === "rejected");
    expect(rejected.map(idOf)).toEqual(culprits);
    for (const s of rejected)
      expect(s).toMatchObject({
        reason: "invalid_order",
        faults: [{ pointer: "", detail: "the database refused it: no such thing" }],
        spoolId: idOf(s),
        body: Buffer.from(`${idOf(s)}`),
      });
    // Each culprit costs a bisection, not a try of each neighbour.
    expect(record.mock.calls.length).toBeLessThanOrEqual(1 + culprits.length * 16);
  });
});

describe("orders that the database refuses while it records others", () => {
  test.each([[[0]], [[7, 8]], [[0, 50, 99]]])(
    "by a trigger, of 100 with culprits %j: all others are recorded",
    async (culprits) => {
      const { deps, committed, limits } = open(ofTrigger, (id) => culprits.includes(id));
      const { refused } = await recordBatch(deps, batchOf(100));
      expect(refused.map(({ submission: s, failure }) => [idOf(s), failure.code])).toEqual(
        culprits.map((id) => [id, "P0001"]),
      );
      expect(committed.map(idOf)).toEqual(
        batchOf(100)
          .map(idOf)
          .filter((id) => !culprits.includes(id)),
      );
      expect(committed.every(({ kind }) => kind === "order")).toBe(true);
      expect(deps.canRecord).toHaveBeenCalledTimes(1);
      // What is tried apart waits for nothing for long.
      expect(limits[0]).toBeUndefined();
      for (const limit of limits.slice(1)) expect(limit?.lockMs).toBeLessThan(1_000);
    },
  );

  test("by a lock on some customers: these are asked for, and all others recorded together", async () => {
    const { deps, record, committed } = open(locked, (id) => id % 10 < 3);
    const { refused } = await recordBatch(deps, batchOf(500));
    expect([refused.length, committed.length]).toEqual([150, 350]);
    expect(record).toHaveBeenCalledTimes(2);
  });

  test("one alone is refused, not retried", async () => {
    const { deps, record } = open(ofTrigger, () => true);
    expect((await recordBatch(deps, [submission(1)])).refused).toHaveLength(1);
    expect(record).toHaveBeenCalledTimes(1);
  });

  test("all of them, by an answer that is for all, is an outage", async () => {
    const { deps } = open(missingRight, () => true);
    await expect(recordBatch(deps, batchOf(4))).rejects.toThrow(NothingRecorded);
  });

  test("a bug with some of them keeps no other from being recorded", async () => {
    const { deps, committed } = open(bug, (id) => id === 3);
    const { refused } = await recordBatch(deps, batchOf(10));
    expect([refused.map(({ submission: s }) => idOf(s)), committed.length]).toEqual([[3], 9]);
  });
});

describe("a batch is not taken apart", () => {
  test.each([missingRight, locked, ofTrigger, bug])("where the database does not record: %j", async (failure) => {
    const { deps, record } = open(failure, () => true, { canRecord: false });
    await expect(recordBatch(deps, batchOf(2))).rejects.toThrow("no such thing");
    expect(record).toHaveBeenCalledTimes(1);
  });

  test("where the connection was lost", async () => {
    const { deps, record } = open(lost, () => true);
    await expect(recordBatch(deps, batchOf(2))).rejects.toThrow("no such thing");
    expect(record).toHaveBeenCalledTimes(1);
    expect(deps.canRecord).not.toHaveBeenCalled();
  });

  test("by a deadlock: it is recorded again as it is", async () => {
    const { deps, record, committed } = open(deadlock, () => false);
    record.mockRejectedValueOnce(new Refusal(deadlock));
    await recordBatch(deps, batchOf(500));
    expect([record.mock.calls.length, committed.length]).toEqual([2, 500]);
  });
});

test("repeated deadlocks end in halves", async () => {
  const { deps, record, committed } = open(deadlock, () => false);
  for (let times = 0; times < 3; times++) record.mockRejectedValueOnce(new Refusal(deadlock));
  await recordBatch(deps, batchOf(500));
  expect(record.mock.calls.map(([batch]) => batch.length)).toEqual([500, 500, 500, 250, 250]);
  expect(committed).toHaveLength(500);
});

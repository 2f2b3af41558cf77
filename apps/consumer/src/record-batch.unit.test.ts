import type { RecordedBatch, Submission } from "@pedidos/persistence";
import { describe, expect, test, vi } from "vitest";
import { recordBatch } from "./record-batch.ts";

class Refusal extends Error {}
const isDataError = (error: unknown): error is Error => error instanceof Refusal;
const submission = (orderId: number): Submission => ({
  kind: "order",
  order: { orderId, customerId: 1, placedAt: null, items: [] },
  source: "http",
  body: Buffer.from(`${orderId}`),
  spoolId: orderId,
});
const done: RecordedBatch = { outcomes: [], announcement: { outboxIds: [], recorded: [], rejected: [] } };
const idOf = (s: Submission) => (s.kind === "order" ? s.order.orderId : Number(s.orderId));

/** Refuses a batch in which one of these orders stands. */
function store(culprits: number[]) {
  const committed: Submission[] = [];
  const record = vi.fn(async (batch: readonly Submission[]) => {
    if (batch.some((s) => s.kind === "order" && culprits.includes(s.order.orderId))) throw new Refusal("no such thing");
    committed.push(...batch);
    return done;
  });
  return { record, committed };
}

describe("a batch that the database refuses", () => {
  test.each([[[]], [[0]], [[7]], [[99]], [[3, 4]], [[0, 50, 99]]])("of 100 with culprits %j", async (culprits) => {
    const { record, committed } = store(culprits);
    const batch = Array.from({ length: 100 }, (_, i) => submission(i));
    await recordBatch({ record, isDataError }, batch);
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

test("an outage is no fault of the data: the batch is not taken apart", async () => {
  const record = vi.fn(async () => Promise.reject(new Error("connection lost")));
  await expect(recordBatch({ record, isDataError }, [submission(1), submission(2)])).rejects.toThrow("connection lost");
  expect(record).toHaveBeenCalledTimes(1);
});

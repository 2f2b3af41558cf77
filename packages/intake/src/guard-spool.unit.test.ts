import type { IncomingOrder } from "@pedidos/domain";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { guardSpool } from "./guard-spool.ts";

beforeEach(() => void vi.useFakeTimers({ fakeNodeBuiltins: true }));
afterEach(() => void vi.useRealTimers());

class Lost extends Error {}
const some = (text: string): readonly IncomingOrder[] => [{ body: Buffer.from(text), source: "http" }];
const [A, B] = [some("a"), some("b")];

function open() {
  const spool = vi.fn(async (_orders: readonly IncomingOrder[]) => {});
  const isReady = vi.fn(async () => false);
  return { spool, isReady, guarded: guardSpool(spool, { isReady, isLost: (error) => error instanceof Lost }) };
}

test("after a write without an answer none is sent until the database takes some; then those that waited are", async () => {
  const { spool, isReady, guarded } = open();
  spool.mockRejectedValueOnce(new Lost());
  await expect(guarded(A)).rejects.toThrow(Lost);
  const waiting = guarded(B);
  await vi.advanceTimersByTimeAsync(200);
  expect(isReady.mock.calls.length).toBeGreaterThan(1);
  expect(spool).toHaveBeenCalledTimes(1);
  isReady.mockResolvedValue(true);
  await vi.advanceTimersByTimeAsync(100);
  await waiting;
  expect(spool.mock.calls).toEqual([[A], [B]]);
});

test("a call that has waited for long enough is refused", async () => {
  const { spool, isReady, guarded } = open();
  spool.mockRejectedValueOnce(new Lost());
  await expect(guarded(A)).rejects.toThrow(Lost);
  const refused = expect(guarded(B)).rejects.toThrow("being probed");
  await vi.advanceTimersByTimeAsync(1_000);
  await refused;
  expect(spool).toHaveBeenCalledTimes(1);
  isReady.mockResolvedValue(true);
});

test("an answer closes nothing", async () => {
  const { spool, isReady, guarded } = open();
  spool.mockRejectedValueOnce(new Error("no space"));
  await expect(guarded(A)).rejects.toThrow("no space");
  await guarded(B);
  expect(isReady).not.toHaveBeenCalled();
});

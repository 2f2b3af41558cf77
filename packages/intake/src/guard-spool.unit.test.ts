import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { guardSpool } from "./guard-spool.ts";

beforeEach(() => void vi.useFakeTimers({ fakeNodeBuiltins: true }));
afterEach(() => void vi.useRealTimers());

class Lost extends Error {}

function open() {
  const spool = vi.fn(async (_order: string) => {});
  const isReady = vi.fn(async () => false);
  return { spool, isReady, guarded: guardSpool({ spool, isReady, isLost: (error) => error instanceof Lost }) };
}

test("after a write without an answer none is sent until the database takes some; then those that waited are", async () => {
  const { spool, isReady, guarded } = open();
  spool.mockRejectedValueOnce(new Lost());
  await expect(guarded("a")).rejects.toThrow(Lost);
  const waiting = guarded("b");
  await vi.advanceTimersByTimeAsync(200);
  expect(isReady.mock.calls.length).toBeGreaterThan(1);
  expect(spool).toHaveBeenCalledTimes(1);
  isReady.mockResolvedValue(true);
  await vi.advanceTimersByTimeAsync(100);
  await waiting;
  expect(spool.mock.calls).toEqual([["a"], ["b"]]);
});

test("who has waited for long enough is refused", async () => {
  const { spool, isReady, guarded } = open();
  spool.mockRejectedValueOnce(new Lost());
  await expect(guarded("a")).rejects.toThrow(Lost);
  const refused = expect(guarded("b")).rejects.toThrow("being probed");
  await vi.advanceTimersByTimeAsync(1_000);
  await refused;
  expect(spool).toHaveBeenCalledTimes(1);
  isReady.mockResolvedValue(true);
});

test("an answer closes nothing", async () => {
  const { spool, isReady, guarded } = open();
  spool.mockRejectedValueOnce(new Error("no space"));
  await expect(guarded("a")).rejects.toThrow("no space");
  await guarded("b");
  expect(isReady).not.toHaveBeenCalled();
});

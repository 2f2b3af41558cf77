import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cutSlow } from "./await-reader.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function* texts() {
  yield "a";
  yield "b".repeat(160 * 1024);
}

test("a client that does not read on in time is cut off; one that does, or has gone, is not", async () => {
  const cut = vi.fn();
  const quick = cutSlow(texts(), cut);
  await quick.next();
  vi.advanceTimersByTime(29_000);
  await quick.next();
  // A long text has longer.
  vi.advanceTimersByTime(39_000);
  await quick.return();
  vi.advanceTimersByTime(90_000);
  expect(cut).not.toHaveBeenCalled();
  const slow = cutSlow(texts(), cut);
  await slow.next();
  vi.advanceTimersByTime(30_001);
  expect(cut).toHaveBeenCalledTimes(1);
});

import { expect, test, vi } from "vitest";
import { cutSlow } from "./stream-events.ts";

async function* letters() {
  yield "a";
  yield "b";
}

test("a client that does not read on in time is cut off; one that does, or has gone, is not", async () => {
  vi.useFakeTimers();
  try {
    const cut = vi.fn();
    const quick = cutSlow(letters(), 1_000, cut);
    await quick.next();
    vi.advanceTimersByTime(999);
    await quick.next();
    await quick.return();
    vi.advanceTimersByTime(5_000);
    expect(cut).not.toHaveBeenCalled();
    const slow = cutSlow(letters(), 1_000, cut);
    await slow.next();
    vi.advanceTimersByTime(1_000);
    expect(cut).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

import { expect, test, vi } from "vitest";
import { shareReading } from "./share-reading.ts";

test("one reading serves all that ask while it is under way, and for a while after", async () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  try {
    let count = 0;
    const read = shareReading(async () => ++count, { maxAgeMs: 1_000, timeoutMs: 500 });
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
    vi.advanceTimersByTime(999);
    expect(await read()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await read()).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

test("what fails, or takes too long, is undefined, and is tried again", async () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  try {
    const answers = [() => Promise.reject(new Error("away")), () => new Promise<number>(() => {}), async () => 3];
    const read = shareReading(() => answers.shift()?.() ?? Promise.resolve(4), { maxAgeMs: 0, timeoutMs: 500 });
    expect(await read()).toBeUndefined();
    const slow = read();
    await vi.advanceTimersByTimeAsync(500);
    expect(await slow).toBeUndefined();
    expect(await read()).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Outcome, openOutcomes } from "./await-outcomes.ts";

const recorded: Outcome = { kind: "recorded", total: "1.00" };
const pending: Outcome = { kind: "pending" };
const present = () => false;

function setUp(find: (ids: readonly number[]) => Promise<readonly Outcome[]>) {
  const asked: number[][] = [];
  const warn = vi.fn();
  const outcomes = openOutcomes<number>({
    find(ids) {
      asked.push([...ids]);
      return find(ids);
    },
    log: { warn },
  });
  return { ...outcomes, asked, warn };
}

describe("openOutcomes", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("one query asks about all that wait, a couple of milliseconds after the first", async () => {
    const { wait, asked } = setUp(async (ids) => ids.map((id) => (id === 2 ? { kind: "conflict" } : recorded)));
    const waits = [1, 2, 3].map((id) => wait(id, 1_000, present));
    await vi.advanceTimersByTimeAsync(3);
    expect(await Promise.all(waits)).toEqual([recorded, { kind: "conflict" }, recorded]);
    expect(asked).toEqual([[1, 2, 3]]);
  });

  test("it asks ever more seldom, and ends by its own time", async () => {
    const { wait, asked } = setUp(async (ids) => ids.map(() => pending));
    let outcome: Outcome | undefined;
    wait(1, 1_000, present).then((o) => {
      outcome = o;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome).toBeUndefined();
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.length).toBeLessThan(50);
    await vi.advanceTimersByTimeAsync(2);
    expect(outcome).toEqual(pending);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a later order is polled as soon as the first was, independent of the others' pauses", async () => {
    const { wait, asked } = setUp(async (ids) => ids.map((id) => (id === 1 ? pending : recorded)));
    expect(await Promise.all([wait(2, 1_000, present), vi.advanceTimersByTimeAsync(5)])).toEqual([
      recorded,
      expect.anything(),
    ]);
    const next = wait(3, 1_000, present);
    await vi.advanceTimersByTimeAsync(5);
    expect(asked).toEqual([[2], [3]]);
    expect(await next).toEqual(recorded);
    void wait(1, 1_000, present);
    await vi.advanceTimersByTimeAsync(500);
    const before = asked.length;
    void wait(4, 1_000, present);
    await vi.advanceTimersByTimeAsync(5);
    expect(asked.slice(before).flat()).toContain(4);
  });

  test("at most 1000 ids a query, nobody is forgotten", async () => {
    const { wait, asked } = setUp(async (ids) => ids.map(() => recorded));
    const waits = Array.from({ length: 2_500 }, (_, id) => wait(id, 1_000, present));
    await vi.advanceTimersByTimeAsync(50);
    await Promise.all(waits);
    expect(asked.map((ids) => ids.length)).toEqual([1_000, 1_000, 500]);
  });

  test("a database that fails or hangs rejects nobody; waits end in time", async () => {
    for (const find of [() => Promise.reject(new Error("away")), () => new Promise<never>(() => {})]) {
      const { wait, asked, warn } = setUp(find);
      const waiting = wait(1, 1_000, present);
      await vi.advanceTimersByTimeAsync(1_001);
      expect(await waiting).toEqual(pending);
      expect(asked.length).toBeLessThan(6);
      expect(warn.mock.calls.length).toBeLessThan(2);
    }
  });

  test("an order whose caller has gone is not polled any more", async () => {
    const { wait, asked } = setUp(async (ids) => ids.map(() => pending));
    let isGone = false;
    const waiting = wait(1, 30_000, () => isGone);
    await vi.advanceTimersByTimeAsync(200);
    isGone = true;
    await vi.advanceTimersByTimeAsync(60);
    expect(await waiting).toEqual(pending);
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked.length).toBe(before);
  });

  test("after a stop every wait ends at once, and so do later ones", async () => {
    const { wait, stop } = setUp(async (ids) => ids.map(() => pending));
    const waiting = wait(1, 30_000, present);
    stop();
    expect(await waiting).toEqual(pending);
    expect(await wait(2, 30_000, present)).toEqual(pending);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("where few wait, the next question follows the answer at first; where many do, a pause does", async () => {
  // In real time, of which a busy machine may take some away: so the most of several tries.
  const most = async (waiting: number) => {
    const counts: number[] = [];
    for (let attempt = 0; attempt < 20; attempt++) {
      const { wait, asked, stop } = setUp(async (ids) => ids.map(() => pending));
      for (let id = 0; id < waiting; id++) void wait(id, 1_000, present);
      await new Promise((resolve) => setTimeout(resolve, 2));
      stop();
      counts.push(asked.length);
    }
    return Math.max(...counts);
  };
  expect(await most(1)).toBeGreaterThan(10);
  expect(await most(20)).toBeLessThan(6);
});

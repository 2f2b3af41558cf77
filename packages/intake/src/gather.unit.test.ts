import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Gathering, gather } from "./gather.ts";

/** Runs that end when the test says so. */
function setUp(limits: Partial<Gathering<string, string>> = {}) {
  const runs: { items: readonly string[]; end: (outcome: string) => Promise<void>; fail: () => Promise<void> }[] = [];
  const { add } = gather<string, string>({
    run: (items) =>
      new Promise((resolve, reject) => {
        runs.push({
          items,
          end: async (outcome) => {
            resolve(outcome);
            await vi.advanceTimersByTimeAsync(0);
          },
          fail: async () => {
            reject(new Error("away"));
            await vi.advanceTimersByTimeAsync(0);
          },
        });
      }),
    maxItems: 4,
    maxBytes: 100,
    maxInFlight: 2,
    lingerMs: 10_000,
    maxWaitingItems: 10,
    maxWaitingBytes: 1_000,
    patienceMs: 900,
    refused: "refused",
    ...limits,
  });
  const outcomes: Record<string, string> = {};
  const put = (name: string, bytes = 1, items: readonly string[] = [name]) => {
    add(items, bytes).then((outcome) => {
      outcomes[name] = outcome;
    });
  };
  return { put, runs, outcomes, sent: () => runs.map((run) => run.items.join("")) };
}

describe("gather", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("alone, an item runs at once by itself", async () => {
    const { put, runs, outcomes, sent } = setUp();
    put("a");
    expect(sent()).toEqual(["a"]);
    await runs[0]?.end("done");
    expect(outcomes).toEqual({ a: "done" });
    put("b");
    expect(sent()).toEqual(["a", "b"]);
  });

  test("what arrives while a run is in flight runs together when it ends, in order", async () => {
    const { put, runs, outcomes, sent } = setUp();
    for (const name of ["a", "b", "c"]) put(name);
    expect(sent()).toEqual(["a"]);
    await runs[0]?.end("done");
    expect(sent()).toEqual(["a", "bc"]);
    expect(outcomes).toEqual({ a: "done" });
    await runs[1]?.end("also");
    expect(outcomes).toEqual({ a: "done", b: "also", c: "also" });
  });

  test("a full run starts while another is in flight, up to the limit of runs", async () => {
    const { put, runs, sent } = setUp();
    for (const name of "abcdefghij") put(name);
    expect(sent()).toEqual(["a", "bcde"]);
    await runs[0]?.end("done");
    expect(sent()).toEqual(["a", "bcde", "fghi"]);
    await runs[1]?.end("done");
    expect(sent()).toEqual(["a", "bcde", "fghi", "j"]);
  });

  test("beside a slow run the next one goes when it has gathered long enough, within the limit of runs", async () => {
    const { put, runs, sent } = setUp({ lingerMs: 3 });
    for (const name of ["a", "b", "c"]) put(name);
    await vi.advanceTimersByTimeAsync(2);
    expect(sent()).toEqual(["a"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent()).toEqual(["a", "bc"]);
    put("d");
    await vi.advanceTimersByTimeAsync(100);
    expect(sent()).toEqual(["a", "bc"]);
    await runs[1]?.end("done");
    expect(sent()).toEqual(["a", "bc", "d"]);
  });

  test("bytes bound a run too, and a group larger than a run goes by itself", async () => {
    const { put, runs, sent } = setUp({ maxInFlight: 1 });
    put("a");
    put("b", 60);
    put("c", 60);
    put("d", 500);
    put("e", 1);
    for (let i = 0; i < 4; i++) await runs[i]?.end("done");
    expect(sent()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("a group of many is not torn apart", async () => {
    const { put, runs, sent } = setUp({ maxInFlight: 1 });
    put("a");
    put("g", 3, ["b", "c", "d"]);
    put("h", 3, ["e", "f", "g"]);
    await runs[0]?.end("done");
    await runs[1]?.end("done");
    expect(sent()).toEqual(["a", "bcd", "efg"]);
  });

  test("what exceeds the limits of what may wait is refused at once", async () => {
    const { put, outcomes } = setUp({ maxInFlight: 1, maxWaitingItems: 2, maxWaitingBytes: 50 });
    put("a");
    put("b", 40);
    put("c", 20);
    put("d", 5);
    put("e", 1);
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes).toEqual({ c: "refused", e: "refused" });
  });

  test("a run that fails refuses its items and lets the next ones run", async () => {
    const { put, runs, outcomes, sent } = setUp({ maxInFlight: 1 });
    put("a");
    put("b");
    await runs[0]?.fail();
    expect(outcomes).toEqual({ a: "refused" });
    expect(sent()).toEqual(["a", "b"]);
  });

  test("patience counts from arrival; what was refused before it ran never runs", async () => {
    const { put, runs, outcomes, sent } = setUp({ maxInFlight: 1 });
    put("a");
    await vi.advanceTimersByTimeAsync(500);
    put("b");
    await vi.advanceTimersByTimeAsync(401);
    expect(outcomes).toEqual({ a: "refused" });
    await vi.advanceTimersByTimeAsync(500);
    expect(outcomes).toEqual({ a: "refused", b: "refused" });
    // The run that hangs still counts as in flight.
    put("c");
    expect(sent()).toEqual(["a"]);
    await runs[0]?.end("late");
    expect(sent()).toEqual(["a", "c"]);
    await runs[1]?.end("done");
    expect(outcomes).toEqual({ a: "refused", b: "refused", c: "done" });
  });

  test("no timer is left when everything is settled", async () => {
    const { put, runs } = setUp();
    put("a");
    await runs[0]?.end("done");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

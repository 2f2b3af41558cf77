import { recordedEvent } from "@pedidos/contract";
import { type Change, type ChangePosition, comparePositions, startOf } from "@pedidos/persistence";
import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import { afterEach, expect, test, vi } from "vitest";
import { silent } from "../testing/serve-for-test.ts";
import { openFeed } from "./open-feed.ts";

useSimulatedClock();

const pass = (ms = 2_000) => vi.advanceTimersByTimeAsync(ms);

const ending: AbortController[] = [];
afterEach(() => {
  for (const one of ending.splice(0)) one.abort();
});

const timeOf = (n: number) => new Date(1_700_000_000_000 + n).toISOString();
const START = startOf(timeOf(0));

/** A feed of changes that a test adds; all that are added are before the horizon. */
function setUp() {
  const changes: Change[] = [];
  const asked: ChangePosition[] = [];
  let failing = false;
  const feed = openFeed({
    async horizon() {
      if (failing) throw new Error("away");
      return timeOf(changes.length + 1);
    },
    async list({ after: place, limit }) {
      const after = place ?? START;
      asked.push(after);
      return changes.filter(({ position }) => comparePositions(position, after) > 0).slice(0, limit);
    },
    log: silent,
  });
  return {
    feed,
    asked,
    fail(is: boolean) {
      failing = is;
    },
    add(count: number) {
      for (let left = count; left > 0; left--) {
        const number = changes.length + 1;
        const time = timeOf(number);
        const recorded = { orderId: number, customerId: 1, total: "1.00", itemCount: 1, recordedAt: time };
        changes.push({ position: { time, kind: "recorded", number }, event: recordedEvent(recorded) });
      }
    },
    /** Follows into a list of order ids, one page at a time if the caller wants that. */
    follow(from: ChangePosition, between: () => Promise<unknown> = async () => {}) {
      const ended = new AbortController();
      ending.push(ended);
      const seen: number[] = [];
      const done = (async () => {
        for await (const page of feed.follow(from, "a caller", ended.signal)) {
          for (const change of page) seen.push(change.position.number);
          await between();
        }
      })();
      return { seen, done, end: () => ended.abort() };
    },
  };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("a client that is behind catches up, then gets what comes, each once and in order", async () => {
  const { add, follow } = setUp();
  add(1_234);
  const { seen } = follow(START);
  await pass();
  expect(seen).toEqual(range(1_234));
  add(3);
  await pass();
  expect(seen).toEqual(range(1_237));
});

test("one reads for all: a hundred that follow cost no more queries than one", async () => {
  const { asked, add, follow } = setUp();
  const followers = range(100).map(() => follow(START));
  await pass();
  expect(asked.length).toBeGreaterThan(2);
  await pass(300);
  asked.length = 0;
  for (let round = 0; round < 3; round++) {
    add(2);
    await pass(300);
  }
  await pass();
  expect(followers.every(({ seen }) => seen.length === 6)).toBe(true);
  expect(asked.length).toBeLessThan(20);
});

test("a client too slow for the changes in memory reads them from the database: nothing is left out", async () => {
  const { add, follow } = setUp();
  const hold = Promise.withResolvers<void>();
  const slow = follow(START, () => hold.promise);
  const quick = follow(START);
  await pass(100);
  for (let round = 0; round < 4; round++) {
    add(1_000);
    await pass();
    expect(quick.seen).toHaveLength((round + 1) * 1_000);
  }
  hold.resolve();
  await pass();
  expect(slow.seen).toEqual(range(4_000));
});

test("an outage is waited out", async () => {
  const { add, fail, follow } = setUp();
  const { seen } = follow(START);
  add(1);
  await pass();
  expect(seen).toEqual([1]);
  fail(true);
  add(1);
  await pass(400);
  fail(false);
  await pass();
  expect(seen).toEqual([1, 2]);
});

test("the signal ends it at once, and when nobody follows nothing is read", async () => {
  const { asked, follow } = setUp();
  const one = follow(START);
  await pass();
  expect(asked.length).toBeGreaterThan(0);
  one.end();
  await one.done;
  await pass(600);
  const before = asked.length;
  await pass(600);
  expect(asked.length).toBe(before);
});

import { setTimeout as wait } from "node:timers/promises";
import { type Change, type ChangePosition, comparePositions, startOf } from "@pedidos/persistence";
import { afterEach, expect, test, vi } from "vitest";
import { silent } from "../testing/serve-for-test.ts";
import { openFeed } from "./open-feed.ts";

vi.setConfig({ testTimeout: 60_000 });

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
    async list({ after, limit }) {
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
        changes.push({ position: { time, kind: "recorded", number }, recorded });
      }
    },
    /** Follows into a list of order ids, one page at a time where it is told so. */
    follow(from: ChangePosition, between: () => Promise<unknown> = async () => {}) {
      const ended = new AbortController();
      ending.push(ended);
      const seen: number[] = [];
      const done = (async () => {
        for await (const page of feed.follow(from, ended.signal)) {
          for (const change of page) seen.push(change.position.number);
          await between();
        }
      })();
      return { seen, done, end: () => ended.abort() };
    },
  };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("who is behind catches up, then hears what comes, each once and in order", async () => {
  const { add, follow } = setUp();
  add(1_234);
  const { seen } = follow(START);
  await vi.waitFor(() => expect(seen).toEqual(range(1_234)), 20_000);
  add(3);
  await vi.waitFor(() => expect(seen).toEqual(range(1_237)), 20_000);
});

test("one looks for all: a hundred that follow cost no more questions than one", async () => {
  const { asked, add, follow } = setUp();
  const followers = range(100).map(() => follow(START));
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(2), 20_000);
  await wait(300);
  asked.length = 0;
  for (let round = 0; round < 3; round++) {
    add(2);
    await wait(300);
  }
  await vi.waitFor(() => expect(followers.every(({ seen }) => seen.length === 6)).toBe(true), 20_000);
  expect(asked.length).toBeLessThan(20);
});

test("who is so slow that it is no longer held reads it from the database: nothing is left out", async () => {
  const { add, follow } = setUp();
  const hold = Promise.withResolvers<void>();
  const slow = follow(START, () => hold.promise);
  const quick = follow(START);
  await wait(100);
  for (let round = 0; round < 4; round++) {
    add(1_000);
    await vi.waitFor(() => expect(quick.seen).toHaveLength((round + 1) * 1_000), 20_000);
  }
  hold.resolve();
  await vi.waitFor(() => expect(slow.seen).toEqual(range(4_000)), 20_000);
});

test("an outage is waited out", async () => {
  const { add, fail, follow } = setUp();
  const { seen } = follow(START);
  add(1);
  await vi.waitFor(() => expect(seen).toEqual([1]), 20_000);
  fail(true);
  add(1);
  await wait(400);
  fail(false);
  await vi.waitFor(() => expect(seen).toEqual([1, 2]), 20_000);
});

test("the signal ends it at once, and when nobody follows nobody looks", async () => {
  const { asked, follow } = setUp();
  const one = follow(START);
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), 20_000);
  one.end();
  await one.done;
  await wait(600);
  const before = asked.length;
  await wait(600);
  expect(asked.length).toBe(before);
});

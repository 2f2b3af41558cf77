import { expect, test } from "vitest";
import { watchDelays } from "./watch-delays.ts";

const body = (orderId: number) =>
  Buffer.from(`{"orderId":${orderId},"customerId":1,"items":[{"product":"a","quantity":1,"unitPrice":"1.00"}]}`);
const at = (ms: number) => new Date(ms).toISOString();

/** A database whose clock is ahead by so much, and which has recorded these orders at these times of its own. */
function setUp(ahead = 0) {
  let now = 1_000_000;
  const recorded = new Map<number, number | null>();
  const delays = watchDelays(
    async (ids) => ({
      at: at(now + ahead),
      settled: ids.flatMap((orderId) => {
        const time = recorded.get(orderId);
        return time === undefined ? [] : [{ orderId, recordedAt: time === null ? null : at(time + ahead) }];
      }),
    }),
    () => now,
  );
  return {
    delays,
    recorded,
    pass: (ms: number) => {
      now += ms;
      return now;
    },
    accept: (orderId: number) => ({ body: body(orderId), acceptedAt: now }),
  };
}

test.each([0, 90_000, -90_000])("delays are by the two clocks, which differ by %d ms", async (ahead) => {
  const { delays, recorded, pass, accept } = setUp(ahead);
  const samples = [1, 2, 3, 4].map(accept);
  for (const [index, ms] of [10, 20, 30, 400].entries()) recorded.set(index + 1, pass(0) + ms);
  pass(1_000);
  await delays.sample(samples);
  expect(delays.read()).toEqual({ orders: 4, p50Ms: 20, p99Ms: 400, waiting: 0, oldestWaitingSeconds: 0 });
});

test("an order that is stamped ahead of a clock that was set back had waited no longer than until it was found", async () => {
  const { delays, recorded, pass, accept } = setUp();
  const samples = [accept(1)];
  recorded.set(1, pass(0) + 20_000);
  pass(30);
  await delays.sample(samples);
  expect(delays.read()).toMatchObject({ orders: 1, p50Ms: 30 });
});

test("a pending order is counted apart, with its age, and is in the delays only once it is recorded", async () => {
  const { delays, recorded, pass, accept } = setUp();
  expect(await delays.sample([accept(1), accept(2)])).toBe(0);
  expect(delays.read()).toMatchObject({ orders: 0, p50Ms: null, waiting: 0 });
  pass(60_000);
  expect(delays.read()).toEqual({ orders: 0, p50Ms: null, p99Ms: null, waiting: 2, oldestWaitingSeconds: 60 });
  recorded.set(1, pass(0)).set(2, null);
  expect(await delays.sample([])).toBe(2);
  expect(delays.read()).toEqual({ orders: 1, p50Ms: 60_000, p99Ms: 60_000, waiting: 0, oldestWaitingSeconds: 0 });
});

test("an order that had been recorded long before says nothing, nor does one of over five minutes ago", async () => {
  const { delays, recorded, pass, accept } = setUp();
  recorded.set(1, pass(0) - 3_600_000);
  await delays.sample([accept(1)]);
  expect(delays.read().orders).toBe(0);
  recorded.set(2, pass(0));
  await delays.sample([accept(2)]);
  expect(delays.read().orders).toBe(1);
  pass(300_001);
  await delays.sample([]);
  expect(delays.read().orders).toBe(0);
});

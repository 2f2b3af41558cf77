import { expect, test } from "vitest";
import { openQuota } from "./open-quota.ts";

test("a caller has no more than its part, all no more than there is; what is released can be had again", () => {
  const quota = openQuota({ inAll: 10, each: 4 });
  const [first, second, third] = [quota.lease("a"), quota.lease("b"), quota.lease("c")];
  expect([first.resize(3), first.resize(5), first.resize(4), quota.lease("a").resize(1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([second.resize(4), third.resize(3), third.resize(2)]).toEqual([true, false, true]);
  first.release();
  first.release();
  expect([first.resize(1), quota.total(), quota.lease("a").resize(4)]).toEqual([false, 6, true]);
});

test("in a long sequence: never over a limit, and nothing is left once all is released", () => {
  const quota = openQuota({ inAll: 12, each: 5 });
  const leases = Array.from({ length: 8 }, (_, index) => ({ ...quota.lease(`${index % 4}`), has: 0 }));
  for (let step = 1, random = 1; step < 5_000; step++) {
    random = (random * 48_271) % 2_147_483_647;
    const [one, to] = [leases[random % 8], (random >> 8) % 7];
    if (one?.resize(to)) one.has = to;
    const ofCallers = [0, 1, 2, 3].map((n) => (leases[n]?.has ?? 0) + (leases[n + 4]?.has ?? 0));
    expect(Math.max(...ofCallers)).toBeLessThanOrEqual(5);
    expect(quota.total()).toBe(ofCallers.reduce((sum, amount) => sum + amount, 0));
    expect(quota.total()).toBeLessThanOrEqual(12);
  }
  for (const one of leases) one.release();
  expect(quota.total()).toBe(0);
});

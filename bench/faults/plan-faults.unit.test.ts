import { expect, test } from "vitest";
import { planFaults } from "./plan-faults.ts";

const plan = (seed: number, minutes = 1) => planFaults({ seed, durationMs: minutes * 60_000 });

test("a seed makes the same schedule again, another seed another one", () => {
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
});

test("a longer run of a seed begins as a shorter one", () => {
  const short = plan(7);
  expect(plan(7, 5).slice(0, short.length)).toEqual(short);
});

test("every kind of fault comes, and at least 50 kills in ten minutes, of every process", () => {
  const faults = plan(7, 10);
  const kinds = "alarm cut delay delete freeze kill refuse stall terminate unbind";
  expect([...new Set(faults.map(({ kind }) => kind))].sort()).toEqual(kinds.split(" "));
  const kills = faults.filter(({ kind }) => kind === "kill");
  expect(kills.length).toBeGreaterThan(50);
  expect(new Set(kills.map(({ target }) => target)).size).toBe(6);
});

test("one thing at a time is done to a process or link", () => {
  const endsAt = new Map<string, number>();
  for (const { target, atMs, forMs } of plan(7, 10)) {
    expect(atMs).toBeGreaterThanOrEqual(endsAt.get(target) ?? 0);
    endsAt.set(target, atMs + forMs);
  }
});

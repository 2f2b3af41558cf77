import { expect, test } from "vitest";
import { runFaults } from "./run-faults.ts";
import { writeVerdict } from "./verdict.ts";

test("1: a short fault run of a fixed seed: nothing lost, nothing twice, everything announced", async () => {
  const { verdict, faults } = await runFaults({ seed: 20_261_124, durationMs: 40_000 });
  expect(verdict.findings, writeVerdict(verdict)).toEqual([]);
  expect(verdict.figures.recorded).toBeGreaterThan(500);
  expect(Object.keys(faults).length).toBeGreaterThan(8);
}, 240_000);

test("a short run in liveness mode: one API and one consumer are enough, with the others frozen for good", async () => {
  const { verdict } = await runFaults({ seed: 11, durationMs: 8_000, liveness: true });
  expect(verdict.findings, writeVerdict(verdict)).toEqual([]);
}, 240_000);

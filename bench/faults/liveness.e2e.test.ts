import { expect, test } from "vitest";
import { runFaults } from "./run-faults.ts";
import { writeVerdict } from "./verdict.ts";

test("a short run in liveness mode: one API and one consumer are enough, with the others frozen for good", async () => {
  const { verdict } = await runFaults({ seed: 11, durationMs: 8_000, liveness: true });
  expect(verdict.findings, writeVerdict(verdict)).toEqual([]);
}, 240_000);

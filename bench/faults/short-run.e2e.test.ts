import { expect, test } from "vitest";
import { runFaults } from "./run-faults.ts";
import { writeVerdict } from "./verdict.ts";

const SEED = 20_261_124;

test(`1: a short fault run of the seed ${SEED}: nothing lost, nothing twice, everything announced`, async () => {
  const { verdict, faults } = await runFaults({ seed: SEED, durationMs: 35_000 });
  process.stdout.write(`seed=${SEED}\n${writeVerdict(verdict)}\n`);
  expect(verdict.findings).toEqual([]);
  expect(verdict.figures.recorded).toBeGreaterThan(500);
  expect(Object.keys(faults).length).toBeGreaterThan(8);
}, 240_000);

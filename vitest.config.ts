import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const include = (tier: string) => [
  `{packages,apps}/*/src/**/*.${tier}.test.ts`,
  `infra/src/**/*.${tier}.test.ts`,
  `bench/**/*.${tier}.test.ts`,
];
/** Machines that others share stall for seconds at times; the report marks a test that was retried. */
const retry = process.env.CI ? 2 : 0;
/** What a busy machine may need for what a quiet one has done at once. */
const expectations = { poll: { timeout: 30_000 } };
/** Servers that a run shares; what the API answers is held to its document. */
const onRealServers = {
  globalSetup: ["packages/testing/src/global-setup.ts", "packages/http/src/testing/provide-document.ts"],
  setupFiles: "packages/http/src/testing/check-answers.ts",
};
const faults = "bench/faults/**/*.e2e.test.ts";
/** One of them is short enough for every run of the tests. */
const shortFaults = "bench/faults/short-run.e2e.test.ts";

/** Short files that take long: begun last, as by their size, they would run alone at the end. */
const LONG = /short-run|outage|polite-failures|announcing/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = (file: TestSpecification) => Number(LONG.test(file.moduleId));
    return (await super.sort(files)).sort((a, b) => isLong(b) - isLong(a));
  }
}

/**
 * Four tiers, by a test file's suffix: `unit` runs anywhere, `int` talks to a real PostgreSQL and RabbitMQ that
 * the run starts for itself, `e2e` drives the built bundles, and breaks a whole system once, `faults` breaks many.
 * (`images` is for `pnpm images`, which makes the place that it needs.) They run one after the other, the quick ones
 * first.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    reporters: process.env.TEST_RESULTS ? ["default", ["json", { outputFile: process.env.TEST_RESULTS }]] : ["default"],
    projects: [
      {
        test: {
          name: "unit",
          include: include("unit"),
          sequence: { groupOrder: 0 },
          setupFiles: "packages/testing/src/set-property-runs.ts",
          // Two thirds of the time of a file would go into importing what the last one has imported.
          isolate: false,
          maxWorkers: 2,
          // A busy machine takes a second for what takes a millisecond.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "int",
          include: include("int"),
          sequence: { groupOrder: 1 },
          ...onRealServers,
          // Most of their time is waiting; more at once would starve the servers on a small machine.
          maxWorkers: 3,
          testTimeout: 60_000,
          retry,
          hookTimeout: 120_000,
          expect: expectations,
        },
      },
      {
        test: {
          name: "e2e",
          include: include("e2e"),
          exclude: ["bench/faults/!(short-run).e2e.test.ts", "bench/faults/*/**"],
          sequence: { groupOrder: 2 },
          ...onRealServers,
          maxWorkers: 2,
          testTimeout: 180_000,
          retry,
          hookTimeout: 180_000,
          expect: expectations,
        },
      },
      {
        test: {
          name: "images",
          include: ["bench/images/images.test.ts"],
          sequence: { groupOrder: 4 },
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: "faults",
          include: [faults],
          exclude: [shortFaults],
          sequence: { groupOrder: 3 },
          ...onRealServers,
          testTimeout: 180_000,
          retry,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

import { defineConfig } from "vitest/config";

const include = (tier: string) => [
  `{packages,apps}/*/src/**/*.${tier}.test.ts`,
  `{infra,tests}/src/**/*.${tier}.test.ts`,
  `bench/**/*.${tier}.test.ts`,
];

/**
 * Three tiers, told by a test file's suffix: `unit` runs anywhere, `int` talks to a real PostgreSQL and RabbitMQ that
 * the run starts for itself, `e2e` drives the built bundles.
 */
export default defineConfig({
  test: {
    reporters: process.env.TEST_RESULTS ? ["default", ["json", { outputFile: process.env.TEST_RESULTS }]] : ["default"],
    projects: [
      { test: { name: "unit", include: include("unit") } },
      {
        test: {
          name: "int",
          include: include("int"),
          globalSetup: "packages/testing/src/global-setup.ts",
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: include("e2e"),
          globalSetup: "packages/testing/src/global-setup.ts",
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

const REPOSITORY = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(REPOSITORY, file), "utf8");
const NEEDED = "22.18";

test("the oldest Node is the same wherever it is named", () => {
  const packages = execFileSync("git", ["ls-files", "*package.json"], { cwd: REPOSITORY, encoding: "utf8" });
  for (const file of packages.trim().split("\n"))
    expect([file, JSON.parse(read(file)).engines]).toEqual([file, { node: `>=${NEEDED}` }]);
  expect(read("packages/process/src/refuse-old-node.cjs")).toContain(`[${NEEDED.replace(".", ", ")}]`);
  expect(read("tsup.config.ts")).toContain(`target: "node${NEEDED}"`);
  for (const file of ["README.md", "docs/deploying.md", "docs/functions.md", ".ci/run"])
    expect(read(file)).toContain(NEEDED);
});

test("the pinned Node is the same wherever it is named", () => {
  const pinned: Record<string, string> = JSON.parse(read("package.json")).optionalDependencies;
  const { nodeVersion } = parse(read("pnpm-workspace.yaml"));
  expect(new Set(Object.values(pinned))).toEqual(new Set([nodeVersion]));
  expect(read("infra/Dockerfile")).toContain(`BUILD_IMAGE=node:${nodeVersion}-`);
});

import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const REPOSITORY = join(import.meta.dirname, "../..");

/** A copy of the sources, in which files can be changed. */
let copy: string;
let known: Map<string, string>;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "pedidos-turbo-"));
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: REPOSITORY,
    encoding: "utf8",
  });
  for (const file of files.split("\0")) {
    const isPart = /^(apps|packages|infra|bench)\/|^[^/]+$/.test(file);
    if (isPart) cpSync(join(REPOSITORY, file), join(copy, file), { recursive: true, force: true, errorOnExist: false });
  }
  execFileSync("git", ["init", "--quiet"], { cwd: copy });
  known = hashes();
});
afterAll(() => rmSync(copy, { recursive: true }));

type Plan = { readonly tasks: readonly { readonly taskId: string; readonly hash: string; readonly command: string }[] };

/** → the hash under which turbo would look each task up, by the task's id; those that do nothing left out. */
function hashes(): Map<string, string> {
  const args = ["run", "build", "check", "test", "--dry=json"];
  const plan: Plan = JSON.parse(
    execFileSync(join(REPOSITORY, "node_modules/.bin/turbo"), args, {
      cwd: copy,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
      maxBuffer: 64 * 1024 * 1024,
    }),
  );
  const real = plan.tasks.filter((task) => task.command !== "<NONEXISTENT>");
  return new Map(real.map(({ taskId, hash }) => [taskId.replace("@pedidos/", ""), hash]));
}

/** → the tasks that a change of a file has run again. */
function runAgain(file: string): string[] {
  appendFileSync(join(copy, file), "\n");
  const before = known;
  known = hashes();
  return [...known].filter(([task, hash]) => before.get(task) !== hash).map(([task]) => task);
}
const ofKind = (tasks: string[], kind: string) => tasks.filter((task) => task.endsWith(`#${kind}`)).sort();
const of = (kind: string, ...names: string[]) => names.map((name) => `${name}#${kind}`);

test.each([
  [
    "the domain",
    "packages/domain/src/money.ts",
    ["api", "consumer", "dashboard", "domain", "migrate", "pedidos", "standalone"],
  ],
  ["one app", "apps/migrate/src/main.ts", ["migrate"]],
  ["an app that another holds", "packages/http/src/build-api.ts", ["api", "standalone"]],
  ["the page", "apps/dashboard/index.html", ["api", "dashboard", "standalone"]],
  ["the schema", "infra/sql/0001_orders.sql", ["migrate", "pedidos", "standalone"]],
  ["a test", "packages/domain/src/money.unit.test.ts", []],
])("a change of %s builds what is made of it again, and nothing else", (_, file, builds) => {
  expect(ofKind(runAgain(file), "build")).toEqual(of("build", ...builds));
});

test("the checks of a changed file run again: of its importers, fault runs and benchmarks too", () => {
  expect(runAgain("bench/speed/main.ts")).toContain("bench#check");
  const again = runAgain("packages/http/src/build-api.ts");
  expect(ofKind(again, "check")).toEqual(of("check", "api", "bench", "http", "infra", "standalone"));
});

test("what tests a file runs again when it changes: the schema's, the bundles'", () => {
  const again = runAgain("infra/sql/0002_roads.sql");
  expect(again).toContain("persistence#test");
  expect(again).toContain("bench#test");
});

test("a second run finds everything as it was", () => {
  expect(hashes()).toEqual(known);
});

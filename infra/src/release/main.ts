import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedSince, lastRelease } from "./released-files.ts";

/**
 * Holds the schema to the last release: its files are unchanged, and its code works on the schema of today, as it has to
 * while a roll-out is under way. `node infra/src/release/main.ts`
 */
const REPOSITORY = join(import.meta.dirname, "../../..");
const tag = lastRelease(REPOSITORY);
if (tag === undefined) {
  console.log("No release yet: there is nothing to hold the schema to.");
  process.exit(0);
}
const changed = changedSince(REPOSITORY, tag);
if (changed.length > 0) {
  console.error(`Released with ${tag}, and changed since. Write a new file instead:\n${changed.join("\n")}`);
  process.exit(1);
}

const folder = join(mkdtempSync(join(tmpdir(), "pedidos-release-")), tag);
function run(command: string, args: string[], cwd = folder): void {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}
try {
  run("git", ["worktree", "add", "--detach", folder, tag], REPOSITORY);
  cpSync(join(REPOSITORY, "infra/sql"), join(folder, "infra/sql"), { recursive: true });
  const pnpm = (...args: string[]) => run("npx", ["-y", "pnpm@12", ...args]);
  pnpm("install", "--frozen-lockfile");
  // But for the test that the table types are those of the schema: new columns are allowed.
  const others = ["--exclude", "**/database.int.test.ts"];
  pnpm("exec", "vitest", "run", "--project", "int", "packages/persistence", ...others);
  console.log(`The persistence tests of ${tag} pass on the schema of today.`);
} finally {
  spawnSync("git", ["-C", REPOSITORY, "worktree", "remove", "--force", folder]);
  rmSync(join(folder, ".."), { recursive: true, force: true });
}

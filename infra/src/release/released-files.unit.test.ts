import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { changedSince, lastRelease } from "./released-files.ts";

/** A repository with two files of a schema in one commit. */
function repository() {
  const folder = mkdtempSync(join(tmpdir(), "released-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
  const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...identity, ...args], { stdio: "pipe" });
  const sql = (name: string) => join(folder, "infra/sql", name);
  mkdirSync(join(folder, "infra/sql"), { recursive: true });
  for (const name of ["0001_a.sql", "0002_b.sql"]) writeFileSync(sql(name), `-- ${name}\n`);
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "a schema");
  return { folder, git, sql };
}

test("the last release is the highest version that the head stems from", () => {
  const { folder, git } = repository();
  expect(lastRelease(folder)).toBe(undefined);
  for (const tag of ["v0.9.0", "v0.10.0", "other"]) git("tag", tag);
  git("checkout", "--quiet", "-b", "aside");
  git("commit", "--quiet", "--allow-empty", "--message", "elsewhere");
  git("tag", "v0.11.0");
  git("checkout", "--quiet", "-");
  expect(lastRelease(folder)).toBe("v0.10.0");
});

test("a released file that was changed, renamed or removed is reported; new files are free", () => {
  const { folder, git, sql } = repository();
  git("tag", "v0.1.0");
  writeFileSync(sql("0003_c.sql"), "-- new\n");
  expect(changedSince(folder, "v0.1.0")).toEqual([]);
  writeFileSync(sql("0001_a.sql"), "-- 0001_a.sql, mended\n");
  renameSync(sql("0002_b.sql"), sql("0002_better.sql"));
  expect(changedSince(folder, "v0.1.0")).toEqual(["infra/sql/0001_a.sql", "infra/sql/0002_b.sql"]);
});

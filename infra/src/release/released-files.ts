import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const SQL = "infra/sql";

/** → the tag of the last release that a repository's head stems from, `v1.2.3`; undefined before the first. */
export function lastRelease(repository: string): string | undefined {
  return lines(repository, ["tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname"])[0];
}

/** → the released files of the schema that are not what they were: changed, renamed, or gone. */
export function changedSince(repository: string, tag: string): string[] {
  const released = lines(repository, ["ls-tree", "--name-only", tag, `${SQL}/`]);
  return released.filter((file) => git(repository, ["show", `${tag}:${file}`]) !== contentOf(join(repository, file)));
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function lines(repository: string, args: string[]): string[] {
  return git(repository, args)
    .split("\n")
    .filter((line) => line !== "");
}

function git(repository: string, args: string[]): string {
  return execFileSync("git", ["-C", repository, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

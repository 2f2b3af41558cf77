import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, matchesGlob, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const REPOSITORY = join(import.meta.dirname, "../..");
const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
const FILES = execFileSync("git", listed, { cwd: REPOSITORY, encoding: "utf8" }).split("\0").filter(Boolean);
const FOLDERS = new Set(FILES.flatMap(foldersOf));
const read = (file: string) => readFileSync(join(REPOSITORY, file), "utf8");

/** Pages that speak of the tree as it is; results and the log of experiments speak of the tree as it was. */
const PAGES = FILES.filter((file) => /^(docs\/.*|[^/]+|(apps|bench|infra|packages)\/.*README)\.md$/.test(file));

function foldersOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** What stands between backticks on a page, and names a file or folder of the sources. */
function namedPaths(page: string): string[] {
  const prose = read(page).replaceAll(/^```.*?^```/gms, "");
  const names = [...prose.matchAll(/`([^`\s]+?)\/?`/g)].map(([, name = ""]) => name);
  const isFile = /^\w[\w*.{},/-]*\.(ts|mjs|cjs|pml|sql|md|svg|yaml|sh)$/;
  const isFolder = /^(apps|bench|docs|infra|packages|src)\/[\w*.{},/-]+$/;
  return names.filter((name) => (isFile.test(name) || isFolder.test(name)) && !/(^|\/)dist\//.test(name));
}

/** Whether a name is a path from the root, from its page or the sources beside that, or the end of such a path. */
function exists(name: string, page: string): boolean {
  const home = dirname(page);
  const paths = [name, join(home, name), join(home, "src", name)].map((path) => normalize(path));
  // A package's page speaks of its own files; the others may name any file by the end of its path.
  const within = /^(apps|packages)\//.test(home) ? `${home}/` : "";
  return (
    paths.some((path) => FOLDERS.has(path) || FILES.includes(path)) ||
    FILES.some((file) => file.startsWith(within) && file.endsWith(`/${name}`)) ||
    (name.includes("*") && FILES.some((file) => matchesGlob(file, name) || matchesGlob(file, `${within}**/${name}`))) ||
    isIgnored(name)
  );
}

/** What a page says is made by somebody, such as secrets. */
function isIgnored(name: string): boolean {
  return spawnSync("git", ["check-ignore", "--quiet", `${name}/`], { cwd: REPOSITORY }).status === 0;
}

test.each(PAGES)("%s names files and folders that are there, and links to them", (page) => {
  expect(namedPaths(page).filter((name) => !exists(name, page))).toEqual([]);
  const links = [...read(page).matchAll(/\]\((?!\w+:)([^)#\s]+)/g)].map(([, to = ""]) => to.replace(/\/$/, ""));
  const targets = links.map((to) => normalize(join(dirname(page), to)));
  expect(targets.filter((target) => !FILES.includes(target) && !FOLDERS.has(target))).toEqual([]);
});

describe("docs/guarantees.md", () => {
  const guarantees = read("docs/guarantees.md");
  const cases = FILES.filter((file) => /^bench\/faults\/.*\.e2e\.test\.ts$/.test(file));

  test("each case that it counts is the number of a test", () => {
    const named = [...guarantees.matchAll(/\bcases? ([\d, ]*\d)/g)].flatMap(([, list = ""]) => list.split(", "));
    const numbered = cases.flatMap((file) => [...read(file).matchAll(/^ *["`](\d+): |test\(["`](\d+): /gm)]);
    const numbers = new Set(numbered.map(([, first, second]) => first ?? second));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((number) => !numbers.has(number))).toEqual([]);
  });

  test("each command that takes a safeguard away names a broken part and a case", () => {
    const commands = [...guarantees.matchAll(/BROKEN_\w+=([\w-]+) CASES\/([\w-]+)/g)];
    expect(commands.length).toBeGreaterThan(5);
    for (const [, broken, name] of commands) {
      expect(FILES).toContain(`bench/faults/broken/${broken}.ts`);
      expect(cases).toContain(`bench/faults/cases/${name}.e2e.test.ts`);
    }
  });

  test("each switch of a model is one", () => {
    const models = read("bench/models/check.mjs");
    for (const [name] of guarantees.matchAll(/\bNO_[A-Z_]+/g)) expect(models).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

test("each function that the models' page gives for a step is there", () => {
  const [, table = ""] = read("bench/models/README.md").split("## Which function");
  const names = [...(table.split("\n## ")[0] ?? "").matchAll(/`([a-z]+[A-Z]\w+)`/g)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(20);
  const isThere = (name: string) =>
    spawnSync("git", ["grep", "--quiet", "--untracked", "--word-regexp", name, "--", "packages/*.ts"], {
      cwd: REPOSITORY,
    }).status === 0;
  expect(names.filter((name) => !isThere(name))).toEqual([]);
});

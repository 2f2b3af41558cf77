import { hash } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Scope, scopes } from "@pedidos/contract";
import { Registry } from "prom-client";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openAccess } from "./open-access.ts";
import { parseKeys, type ReadKeys, readKeys } from "./read-keys.ts";

const fileOf = (entries: Record<string, readonly Scope[]>) =>
  JSON.stringify(
    Object.entries(entries).map(([key, granted]) => ({ name: key, sha256: hash("sha256", key), scopes: granted })),
  );

const NOW = "2026-06-01T00:00:00Z";

function setUp(text: string, anonymous: readonly Scope[] = []) {
  const read = parseKeys(text);
  if (read.kind === "problem") throw new Error(read.problem);
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  let next: ReadKeys = read;
  const access = openAccess(
    { anonymousScopes: new Set(anonymous), keys: { file: "keys.json", ...read } },
    { log, metrics: new Registry(), read: () => next, now: () => Date.parse(NOW) },
  );
  const change = (changed: string) => {
    next = parseKeys(changed);
    access.reload();
  };
  return { ...access, change, log };
}

describe("openAccess", () => {
  test("a key allows its scopes, and no others", () => {
    const { check } = setUp(fileOf({ reader: ["orders:read"], writer: ["orders:write", "orders:read"] }));
    expect(check("orders:read", "Bearer reader")).toBe("allowed");
    expect(check("orders:read", "bearer  writer ")).toBe("allowed");
    expect(check("orders:write", "Bearer reader")).toBe("forbidden");
    expect(check("orders:write", "Bearer writer")).toBe("allowed");
  });

  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer other",
    "Basic cmVhZGVyOg==",
    "reader",
    "Bearer reader reader",
    "Bearer réader",
  ])("%j is no key", (header) => {
    expect(setUp(fileOf({ reader: scopes })).check("orders:read", header)).toBe("unauthorized");
  });

  test("an anonymous scope needs no key, with any key sent", () => {
    const { check } = setUp(fileOf({ reader: ["orders:read"] }), ["legacy"]);
    expect(check("legacy", undefined)).toBe("allowed");
    expect(check("legacy", "Bearer nonsense")).toBe("allowed");
    expect(check("orders:read", undefined)).toBe("unauthorized");
  });

  test("reading again changes the keys; a bad file leaves them as they were", () => {
    const { check, change, log } = setUp(fileOf({ old: ["orders:read"] }));
    change(fileOf({ new: ["orders:read"] }));
    expect([check("orders:read", "Bearer old"), check("orders:read", "Bearer new")]).toEqual([
      "unauthorized",
      "allowed",
    ]);
    change("[");
    expect(check("orders:read", "Bearer new")).toBe("allowed");
    expect(log.error).toHaveBeenCalledOnce();
  });
});

test("a key counts until it expires", () => {
  const entry = (name: string, expiresAt: string) => ({
    name,
    sha256: hash("sha256", name),
    scopes: ["orders:read"],
    expiresAt,
  });
  const entries = [
    entry("expired", "2026-06-01T00:00:00Z"),
    entry("good", "2026-06-01T00:00:00.001Z"),
    entry("elsewhere", "2026-06-01T01:30:00+02:00"),
  ];
  const { check, nameOf, scopesOf } = setUp(JSON.stringify(entries));
  expect(check("orders:read", "Bearer good")).toBe("allowed");
  for (const bad of ["Bearer expired", "Bearer elsewhere"])
    expect([check("orders:read", bad), nameOf(bad), scopesOf(bad).size]).toEqual(["unauthorized", undefined, 0]);
});

describe("parseKeys", () => {
  const digest = "0".repeat(64);
  const entry = (name: string, sha256: string) => JSON.stringify({ name, sha256, scopes: [] });
  test.each([
    ["{}", "not a JSON array"],
    ["[", "not JSON"],
    ["[null]", "entry 1"],
    [`[{"sha256":"${digest}","scopes":[]}]`, "name"],
    ['[{"name":"a","sha256":"abc","scopes":[]}]', "64 hexadecimal"],
    [`[{"name":"a","sha256":"${digest}"}]`, "scopes"],
    [`[{"name":"a","sha256":"${digest}","scopes":["orders:everything"]}]`, "unknown scope"],
    [`[{"name":"a","sha256":"${digest}","scopes":[{"key":"secret"}]}]`, "unknown scope object"],
    [`[{"name":"a","sha256":"${digest}","scopes":[],"expires":"2027-01-01T00:00:00Z"}]`, 'unknown member "expires"'],
    ["[[]]", "not an object"],
    ...['"2027-01-01"', '"tomorrow"', "1798761600", "null"].map((expiresAt): [string, string] => [
      `[{"name":"a","sha256":"${digest}","scopes":[],"expiresAt":${expiresAt}}]`,
      "RFC 3339",
    ]),
    ...["\\n", "\\u001b[2J", "\\u009b", "\\u202e", "\\ud800", " ", "x".repeat(101)].map((end): [string, string] => [
      `[{"name":"a${end}","sha256":"${digest}","scopes":[]}]`,
      "control character",
    ]),
    [`[${entry("a", digest)},${entry("b", "1".repeat(64))},${entry("a", "2".repeat(64))}]`, "has the name of entry 1"],
    [`[${entry("a", "ab".repeat(32))},${entry("b", "AB".repeat(32))}]`, '"sha256" of entry 1'],
  ])("%s is refused", (text, problem) => {
    expect(parseKeys(text)).toEqual({ kind: "problem", problem: expect.stringContaining(problem) });
    expect(Object.values(parseKeys(text)).join()).not.toMatch(/0{64}|secret|[^ -~]/);
  });

  test("no key at all is a list too; a missing file is a problem", () => {
    expect(parseKeys("[]")).toEqual({ kind: "keys", keys: [] });
    expect(readKeys("/nowhere/keys.json")).toEqual({ kind: "problem", problem: "cannot be read (ENOENT)" });
  });

  test("a file that every user may read is used, and that is told; its owner's alone is not", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "pedidos-keys-")), "keys.json");
    onTestFinished(() => rm(dirname(file), { recursive: true }));
    await writeFile(file, "[]");
    for (const [mode, warning] of [
      [0o600, undefined],
      [0o640, undefined],
      [0o644, expect.stringContaining("may read it")],
      [0o666, expect.stringContaining("may read and change it")],
    ] as const) {
      await chmod(file, mode);
      expect([mode, readKeys(file)]).toEqual([mode, { kind: "keys", keys: [], ...(warning && { warning }) }]);
    }
  });
});

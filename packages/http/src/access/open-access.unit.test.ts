import { hash } from "node:crypto";
import { type Scope, scopes } from "@pedidos/contract";
import { describe, expect, test, vi } from "vitest";
import { openAccess } from "./open-access.ts";
import { parseKeys, type ReadKeys, readKeys } from "./read-keys.ts";

const fileOf = (entries: Record<string, readonly Scope[]>) =>
  JSON.stringify(
    Object.entries(entries).map(([key, granted]) => ({ name: key, sha256: hash("sha256", key), scopes: granted })),
  );

function setUp(text: string, anonymous: readonly Scope[] = []) {
  const read = parseKeys(text);
  if (read.kind === "problem") throw new Error(read.problem);
  const log = { info: vi.fn(), error: vi.fn() };
  let next: ReadKeys = read;
  const access = openAccess(
    { anonymousScopes: new Set(anonymous), keys: { file: "keys.json", keys: read.keys } },
    log,
    () => next,
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

describe("parseKeys", () => {
  const digest = "0".repeat(64);
  test.each([
    ["{}", "not a JSON array"],
    ["[", "not JSON"],
    ["[null]", "entry 1"],
    [`[{"sha256":"${digest}","scopes":[]}]`, "name"],
    ['[{"name":"a","sha256":"abc","scopes":[]}]', "64 hexadecimal"],
    [`[{"name":"a","sha256":"${digest}"}]`, "scopes"],
    [`[{"name":"a","sha256":"${digest}","scopes":["orders:everything"]}]`, "unknown scope"],
  ])("%s is refused", (text, problem) => {
    expect(parseKeys(text)).toEqual({ kind: "problem", problem: expect.stringContaining(problem) });
    expect(JSON.stringify(parseKeys(text))).not.toContain(digest);
  });

  test("no key at all is a list too; a missing file is a problem", () => {
    expect(parseKeys("[]")).toEqual({ kind: "keys", keys: [] });
    expect(readKeys("/nowhere/keys.json")).toEqual({ kind: "problem", problem: "cannot be read (ENOENT)" });
  });
});

import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { Failure } from "../failure.ts";
import { checkName, makeKey, readExpiry, readScopes } from "./keys.ts";

test("a key is random, its entry knows its digest alone", () => {
  const { key, entry } = makeKey("ana", ["orders:read"], "2099-01-01T00:00:00Z");
  expect(key).toMatch(/^pedidos_[\w-]{43}$/);
  expect(makeKey("ana", []).key).not.toBe(key);
  expect(entry).toEqual({
    name: "ana",
    sha256: hash("sha256", key),
    scopes: ["orders:read"],
    expiresAt: "2099-01-01T00:00:00Z",
  });
  expect(JSON.stringify(entry)).not.toContain(key);
  expect(makeKey("ben", []).entry).not.toHaveProperty("expiresAt");
});

test("what the API would refuse is refused, and named", () => {
  expect(readScopes("orders:read, orders:write,orders:read")).toEqual(["orders:read", "orders:write"]);
  expect(readExpiry("2099-01-01T02:00:00+02:00")).toBe("2099-01-01T00:00:00Z");
  expect(checkName("Loja São José")).toBe("Loja São José");
  for (const [read, bad, said] of [
    [readScopes, "orders:read,everything", '"everything"'],
    [readScopes, "", "orders:read"],
    [readExpiry, "2099-01-01", "RFC 3339"],
    [readExpiry, "2020-01-01T00:00:00Z", "in the past"],
    [checkName, "", "1 to 100"],
    [checkName, "a\u001b[2J", "control character"],
    [checkName, " a", "space"],
  ] as const) {
    expect(() => read(bad)).toThrow(Failure);
    expect(() => read(bad)).toThrow(said);
  }
});

import { scopes } from "@pedidos/contract";
import { readSettings } from "@pedidos/process";
import { expect, test } from "vitest";
import { apiSettings } from "./settings.ts";

const urls = { DATABASE_URL: "postgres://u:secret@h/d", AMQP_URL: "amqp://u:secret@h" };
const read = (environment: Record<string, string>) => readSettings(environment, apiSettings(environment));
const anonymous = (environment: Record<string, string>) => {
  const result = read({ ...urls, ...environment });
  return result.kind === "settings" ? [...result.settings.ANONYMOUS_SCOPES] : result.problems;
};

test("on a loopback address everything is open by default", () => {
  for (const HOST of ["", "127.0.0.1", "127.1.2.3", "::1", "localhost"])
    expect(anonymous({ HOST })).toEqual([...scopes]);
});

test("off loopback it needs keys or anonymous scopes", () => {
  for (const HOST of ["0.0.0.0", "::", "10.0.0.1", "example.com", "127.0.0.1.example.com"])
    expect(anonymous({ HOST })).toEqual([expect.stringContaining("ANONYMOUS_SCOPES is missing")]);
  expect(anonymous({ HOST: "0.0.0.0", ANONYMOUS_SCOPES: "legacy, orders:read" })).toEqual(["legacy", "orders:read"]);
});

test("set but empty, no scope is open to all, on loopback, with keys and elsewhere", () => {
  for (const HOST of ["127.0.0.1", "0.0.0.0"])
    for (const empty of ["", " ", ","])
      expect([HOST, empty, anonymous({ HOST, ANONYMOUS_SCOPES: empty })]).toEqual([HOST, empty, []]);
});

test("an unknown scope is a bad setting", () => {
  expect(anonymous({ ANONYMOUS_SCOPES: "legacy,everything" })).toEqual([expect.stringContaining("everything")]);
});

test("allowed hosts are names and addresses, without scheme or port", () => {
  const hosts = (ALLOWED_HOSTS: string) => {
    const result = read({ ...urls, ALLOWED_HOSTS });
    return result.kind === "settings" ? result.settings.ALLOWED_HOSTS : result.problems;
  };
  expect([hosts(""), hosts("orders.example, [2001:db8::1]")]).toEqual([undefined, ["orders.example", "[2001:db8::1]"]]);
  for (const bad of ["https://orders.example", "orders.example:3000", "a.example,*.example", "é.example"])
    expect(hosts(bad)).toEqual([expect.stringContaining("ALLOWED_HOSTS")]);
});

test("origins are written as browsers send them, and never as a pattern", () => {
  const origins = (CORS_ORIGINS: string) => {
    const result = read({ ...urls, CORS_ORIGINS });
    return result.kind === "settings" ? result.settings.CORS_ORIGINS : result.problems;
  };
  const good = ["https://orders.example", "http://localhost:5173"];
  expect([origins(""), origins(good.join(", "))]).toEqual([undefined, good]);
  for (const bad of [
    "*",
    "null",
    "orders.example",
    "https://orders.example/",
    "https://Orders.example",
    "https://*.example",
  ])
    expect([bad, origins(bad)]).toEqual([bad, [expect.stringContaining("CORS_ORIGINS")]]);
});

test("trusted proxies are addresses and networks, and never all of them", () => {
  const proxies = (TRUSTED_PROXIES: string) => {
    const result = read({ ...urls, TRUSTED_PROXIES });
    return result.kind === "settings" ? result.settings.TRUSTED_PROXIES : result.problems;
  };
  const good = ["10.0.0.7", "10.0.0.0/8", "::1", "fd00::/8"];
  expect([proxies(""), proxies(good.join(","))]).toEqual([undefined, good]);
  for (const bad of ["proxy", "true", "0.0.0.0/0", "10.0.0.0/33", "10.0.0.0/8/8", "10.0.0.0/", "::/0"])
    expect([bad, proxies(bad)]).toEqual([bad, [expect.stringContaining("TRUSTED_PROXIES")]]);
});

test("a rate limit is a whole number, or none", () => {
  const limit = (RATE_LIMIT: string) => {
    const result = read({ ...urls, RATE_LIMIT });
    return result.kind === "settings" ? result.settings.RATE_LIMIT : result.problems;
  };
  expect([limit(""), limit("600")]).toEqual([undefined, 600]);
  for (const bad of ["0", "-1", "1.5", "many"]) expect(limit(bad)).toEqual([expect.stringContaining("RATE_LIMIT")]);
});

test("a base path begins with a slash, ends with none, and leads nowhere else", () => {
  const basePath = (BASE_PATH: string) => {
    const result = read({ ...urls, BASE_PATH });
    return result.kind === "settings" ? result.settings.BASE_PATH : result.problems;
  };
  expect([basePath(""), basePath("/orders"), basePath("/a/b.c~d")]).toEqual([undefined, "/orders", "/a/b.c~d"]);
  for (const bad of ["/", "orders", "/orders/", "//h", "/a/../b", "/a?b", "/a b", "/a;Secure", "https://h/orders"])
    expect([bad, basePath(bad)]).toEqual([bad, [expect.stringContaining("BASE_PATH")]]);
});

test("all problems are reported at once, and no secret", () => {
  const result = read({
    DATABASE_URL: "mysql://u:secret@h",
    HOST: "0.0.0.0",
    PORT: "http",
    LOG_LEVEL: "loud",
    API_KEYS_FILE: "/nowhere",
  });
  expect(result.kind === "problems" && result.problems.map((problem) => problem.split(" ")[0])).toEqual([
    "DATABASE_URL",
    "AMQP_URL",
    "PORT",
    "LOG_LEVEL",
    "API_KEYS_FILE",
  ]);
  expect(JSON.stringify(result)).not.toContain("secret");
});

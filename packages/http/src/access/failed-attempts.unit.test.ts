import { hash } from "node:crypto";
import type { Scope } from "@pedidos/contract";
import { Registry } from "prom-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Fakes, serveForTest } from "../testing/serve-for-test.ts";

const keyOf = (name: string, more: { expiresAt?: number; scopes?: readonly Scope[] } = {}) => ({
  name,
  digest: hash("sha256", `key of ${name}`.replaceAll(" ", "-"), "buffer"),
  scopes: new Set<Scope>(more.scopes ?? ["orders:read"]),
  ...(more.expiresAt !== undefined && { expiresAt: more.expiresAt }),
});

async function setUp(fakes: Fakes = {}) {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn(), debug: vi.fn() };
  const metrics = new Registry();
  const api = await serveForTest({
    anonymous: ["legacy"],
    keys: [keyOf("ana"), keyOf("old", { expiresAt: 1 })],
    store: { listOrders: async () => ({ orders: [], next: null }), findOrder: async () => undefined },
    log,
    metrics,
    ...fakes,
  });
  onTestFinished(api.close);
  const ask = (authorization?: string, path = "/v1/orders", more: Record<string, string> = {}) =>
    fetch(api.url + path, { headers: { ...(authorization !== undefined && { authorization }), ...more } });
  const signIn = (key: string) =>
    fetch(`${api.url}/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: JSON.stringify({ key }),
    });
  const counted = async () => {
    const found = await metrics.getSingleMetric("pedidos_authentication_failures_total")?.get();
    return Object.fromEntries(found?.values.map(({ labels, value }) => [labels.reason, value]) ?? []);
  };
  return { ask, signIn, log, counted };
}
const statusesOf = async (count: number, send: () => Promise<Response>) => {
  const statuses = new Map<number, number>();
  for (let n = 0; n < count; n++) {
    const { status } = await send();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  return Object.fromEntries(statuses);
};

test("a key that does not count is refused, counted by its reason, and logged with the address and its name, never itself", async () => {
  const { ask, signIn, log, counted } = await setUp();
  const refused = ["Bearer key-of-nobody", "Bearer key-of-old", "Basic YTpi"];
  for (const authorization of refused) expect((await ask(authorization)).status).toBe(401);
  expect((await signIn("key-of-old")).status).toBe(401);
  // Nobody tried a key here.
  expect((await ask()).status).toBe(401);
  expect(await counted()).toEqual({ unknown: 1, expired: 2, malformed: 1 });
  const lines = log.warn.mock.calls.map(([fields]) => fields);
  expect(lines).toMatchObject([
    { id: expect.any(String), address: "127.0.0.1", reason: "unknown" },
    { address: "127.0.0.1", reason: "expired", key: "old" },
    { address: "127.0.0.1", reason: "malformed" },
    { address: "127.0.0.1", reason: "expired", key: "old" },
  ]);
  expect(JSON.stringify(log.warn.mock.calls)).not.toMatch(/key-of|YTpi/);
});

test("an address that fails often is refused with 429; a good key from there, and what needs none, is answered", async () => {
  const { ask, log, counted } = await setUp();
  expect(await statusesOf(150, () => ask("Bearer nonsense"))).toEqual({ 401: 100, 429: 50 });
  expect(log.warn.mock.calls).toHaveLength(101);
  expect(await counted()).toMatchObject({ unknown: 150 });
  const refused = await ask("Bearer nonsense");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(2);
  expect(await refused.json()).toMatchObject({ status: 429, detail: expect.stringContaining("100") });
  expect((await ask("Bearer nonsense", "/v1/session")).status).toBe(429);
  expect((await ask("Bearer key-of-ana")).status).toBe(200);
  expect((await ask(undefined, "/v1/session")).status).toBe(200);
  expect((await ask("Bearer nonsense", "/pedido/1")).status).toBe(404);
});

test("reporting what a key may do is no way to try keys uncounted", async () => {
  const { ask, counted } = await setUp();
  expect(await statusesOf(101, () => ask("Bearer nonsense", "/v1/session"))).toEqual({ 200: 100, 429: 1 });
  expect(await counted()).toMatchObject({ unknown: 101 });
});

test("signing in has a limit of its own, also for a good key", async () => {
  const { ask, signIn } = await setUp();
  expect(await statusesOf(21, () => signIn("nonsense"))).toEqual({ 401: 20, 429: 1 });
  expect((await signIn("key-of-ana")).status).toBe(429);
  expect((await ask("Bearer nonsense")).status).toBe(401);
  expect((await ask("Bearer key-of-ana")).status).toBe(200);
});

test("behind a proxy that is trusted each client is counted by itself; no other's word is taken for it", async () => {
  const attempts = (api: Awaited<ReturnType<typeof setUp>>, from: (n: number) => string) => {
    let n = 0;
    return statusesOf(120, () => api.ask("Bearer nonsense", "/v1/orders", { "x-forwarded-for": from(n++) }));
  };
  const trusting = await setUp({ trustedProxies: ["127.0.0.0/8"] });
  expect(await attempts(trusting, (n) => `10.0.0.${n}`)).toEqual({ 401: 120 });
  expect(trusting.log.warn.mock.calls[3]?.[0]).toMatchObject({ address: "10.0.0.3" });
  // What a client itself claims stands before what the proxy adds.
  expect(await attempts(trusting, (n) => `1.2.3.${n}, 10.0.1.1`)).toEqual({ 401: 100, 429: 20 });
  // A client with an IPv6 address has as many as it likes.
  expect(await attempts(trusting, (n) => `2001:db8::${n}`)).toEqual({ 401: 100, 429: 20 });
  const cautious = await setUp();
  expect(await attempts(cautious, (n) => `10.0.0.${n}`)).toEqual({ 401: 100, 429: 20 });
});

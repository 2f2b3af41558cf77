import { hash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveForTest } from "./testing/serve-for-test.ts";

const digest = hash("sha256", "the-key", "buffer");
let api: Awaited<ReturnType<typeof serveForTest>>;
beforeAll(async () => {
  api = await serveForTest({
    basePath: "/company/orders",
    keys: [{ name: "ana", digest, scopes: new Set() }],
  });
});
afterAll(() => api.close());

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(api.url + path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

const order = '{"orderId":1,"customerId":1,"items":[{"product":"a","quantity":1,"unitPrice":1}]}';

test.each(["/company/orders", ""])("a proxy may pass its prefix on, or not: %j", async (prefix) => {
  const sent = await post(`${prefix}/v1/orders`, order);
  expect([sent.status, sent.headers.get("location")]).toEqual([202, "/company/orders/v1/orders/1"]);
  expect((await fetch(`${api.url}${prefix}/health/live?once`)).status).toBe(200);
  expect((await fetch(`${api.url}${prefix}/docs`)).status).toBe(200);
  expect(await (await fetch(`${api.url}${prefix}/openapi.json`)).json()).toMatchObject({
    servers: [{ url: "/company/orders" }],
  });
});

test("what only begins like the prefix is not behind it", async () => {
  for (const path of ["/company/orders2/health/live", "/company/health/live", "/company"])
    expect([path, (await fetch(api.url + path)).status]).toEqual([path, 404]);
});

test("the page's address ends with a slash, which its links are relative to", async () => {
  const moved = await fetch(`${api.url}/company/orders`, { redirect: "manual" });
  expect([moved.status, moved.headers.get("location")]).toEqual([308, "/company/orders/"]);
});

test("a browser sends its cookie to no other path, over HTTPS too", async () => {
  for (const [origin, name] of [
    [api.url, "pedidos_session"],
    [api.url.replace("http:", "https:"), "__Secure-pedidos_session"],
  ] as const) {
    const { headers } = await post("/v1/session", '{"key":"the-key"}', { origin });
    const [cookie = ""] = headers.getSetCookie();
    expect(cookie).toMatch(new RegExp(`^${name}=[^;]+; Path=/company/orders; HttpOnly`));
    const mine = await fetch(`${api.url}/v1/session`, { headers: { cookie: cookie.split(";", 1)[0] ?? "" } });
    expect(await mine.json()).toMatchObject({ name: "ana" });
  }
});

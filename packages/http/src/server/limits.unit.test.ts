import { hash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { type Fakes, serveForTest } from "../testing/serve-for-test.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(closing.map((close) => close()))));

async function setUp(fakes: Fakes) {
  const api = await serveForTest({
    store: {
      findCustomer: async (customerId) => ({
        customerId,
        orderCount: 0,
        totalValue: "0.00",
        firstOrderAt: null,
        lastOrderAt: null,
      }),
    },
    ...fakes,
  });
  closing.push(api.close);
  return api;
}
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
const keyOf = (name: string) => ({
  name,
  digest: hash("sha256", name, "buffer"),
  scopes: new Set(["orders:read" as const]),
});

test("each key has so many requests a minute, on all routes together; others are not touched", async () => {
  const { url } = await setUp({ requestsPerMinute: 3, anonymous: ["legacy"], keys: [keyOf("a"), keyOf("b")] });
  const paths = ["/v1/customers/1", "/v1/customers/2", "/v1/customers/3"];
  for (const [index, path] of paths.entries()) {
    const reply = await fetch(url + path, bearer("a"));
    expect([reply.status, reply.headers.get("ratelimit-limit"), reply.headers.get("ratelimit-remaining")]).toEqual([
      200,
      "3",
      `${2 - index}`,
    ]);
  }
  const refused = await fetch(`${url}/v1/customers/1`, bearer("a"));
  expect([refused.status, refused.headers.get("content-type"), refused.headers.get("ratelimit-remaining")]).toEqual([
    429,
    "application/problem+json; charset=utf-8",
    "0",
  ]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(2);
  expect(await refused.json()).toMatchObject({
    type: "urn:pedidos:problem:too_many_requests",
    status: 429,
    detail: expect.stringMatching(/^More than 3 requests a minute; retry in \d+ s\.$/),
  });
  expect((await fetch(`${url}/v1/customers/1`, bearer("b"))).status).toBe(200);
  // Machines poll health, and must not be refused.
  for (let n = 0; n < 5; n++) expect((await fetch(`${url}/health/live`)).status).toBe(200);
});

test("a caller without a key is counted by address, at each kind of door by itself; each refuses in its words", async () => {
  const { url } = await setUp({ requestsPerMinute: 1 });
  const paths = ["/v1/customers/1", "/cliente/1/quantidade_pedidos", "/v1/session", "/docs"];
  for (const path of paths) expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
  for (const path of ["/v1/orders/1/trace", "/v1/session", "/openapi.json"])
    expect([path, (await fetch(url + path)).status]).toEqual([path, 429]);
  const refused = await fetch(`${url}/cliente/2/quantidade_pedidos`);
  expect([refused.status, await refused.json()]).toEqual([429, { error: expect.stringContaining("a minute") }]);
});

test("without the setting there is no limit and no header of one", async () => {
  const { url } = await setUp({});
  const reply = await fetch(`${url}/v1/customers/1`);
  expect([reply.status, reply.headers.get("ratelimit-limit")]).toEqual([200, null]);
});

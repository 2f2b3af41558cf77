import { hash } from "node:crypto";
import { request as open } from "node:http";
import { allowHosts } from "@pedidos/process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";

type Headers = Readonly<Record<string, string>>;
type Api = Awaited<ReturnType<typeof serveForTest>>;
type Answer = { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly text: string };

let api: Api;
const discarded: unknown[] = [];
beforeAll(async () => {
  api = await serveForTest({
    allowsHost: allowHosts("127.0.0.1", ["orders.example"]),
    keys: [{ name: "ana", digest: hash("sha256", "secret", "buffer"), scopes: new Set(["rejections:manage"]) }],
    store: {
      discardRejection: async (...given) => {
        discarded.push(given);
        return "discarded";
      },
    },
  });
});
afterAll(() => api.close());

/** As `fetch`, which does not send every header that a test may name. */
function ask(method: string, path: string, headers: Headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = open(api.url + path, { method, headers }, async (reply) => {
      const text = Buffer.concat(await reply.toArray()).toString();
      resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text });
    });
    sent.on("error", reject).end();
  });
}
const statusOf = async (...given: Parameters<typeof ask>) => (await ask(...given)).status;

const EVERYWHERE = [
  "/",
  "/docs",
  "/openapi.json",
  "/v1/orders",
  "/v1/session",
  "/metrics",
  "/nothing",
  "/cliente/1/pedidos",
];

describe("a page that resolves its own name to this machine", () => {
  test.each(EVERYWHERE)("is refused at %s, and reads nothing", async (path) => {
    const { status, text } = await ask("GET", path, { host: "evil.example" });
    expect([status, JSON.parse(text)]).toMatchObject([421, path.startsWith("/cliente") ? {} : { status: 421 }]);
    expect(text).toContain("ALLOWED_HOSTS");
    expect(await statusOf("GET", path, { host: "orders.example:8443" })).not.toBe(421);
  });

  test("can change nothing; a poll of health by any name is answered", async () => {
    expect(await statusOf("POST", "/v1/rejections/7/discard", { host: "evil.example" })).toBe(421);
    expect(await statusOf("DELETE", "/nothing", { host: "evil.example" })).toBe(421);
    expect(discarded).toEqual([]);
    expect(await statusOf("GET", "/health/live", { host: "evil.example" })).toBe(200);
    expect(await statusOf("GET", "/health/ready", { host: "evil.example" })).toBe(200);
  });
});

const FOREIGN: readonly Headers[] = [
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { "sec-fetch-site": "else" },
  { origin: "https://evil.example" },
  { origin: "http://localhost:1" },
  { origin: "null" },
  { origin: "" },
  { origin: "https://evil.example", "sec-fetch-site": "none" },
];

describe("a request that changes something", () => {
  test.each(FOREIGN)("from another site (%j) is refused, though nobody needs a key", async (headers) => {
    discarded.length = 0;
    for (const [method, path] of [
      ["POST", "/v1/rejections/7/discard"],
      ["PUT", "/v1/consuming"],
      ["POST", "/v1/orders"],
      ["POST", "/v1/session"],
      ["DELETE", "/v1/session"],
      ["POST", "/pedido"],
    ] as const)
      expect([path, await statusOf(method, path, headers)]).toEqual([path, 403]);
    const unknown = { ...headers, authorization: "Bearer other" };
    expect(await statusOf("POST", "/v1/rejections/7/discard", unknown)).toBe(403);
    expect(discarded).toEqual([]);
    expect(await statusOf("GET", "/v1/session", headers)).toBe(200);
  });

  test.each(FOREIGN)("from another site (%j) with a key is done", async (headers) => {
    const withKey = { ...headers, authorization: "Bearer secret" };
    expect(await statusOf("POST", "/v1/rejections/7/discard", withKey)).toBe(204);
  });

  test("from the own page, or from no browser, is done", async () => {
    const own = [
      {},
      { "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "none" },
      { origin: api.url },
      { origin: "http://orders.example", host: "orders.example" },
      { origin: "http://orders.example", host: "Orders.example:80" },
    ];
    for (const headers of own)
      expect([headers, await statusOf("POST", "/v1/rejections/7/discard", headers)]).toEqual([headers, 204]);
  });
});

test("no answer is guessed to be of another type, or shown in a frame; none is for scripts of other sites", async () => {
  const origin = "https://evil.example";
  for (const path of [...EVERYWHERE, "/health/live", "/v1/orders?limit=0", "/v1/%zz"]) {
    const { headers } = await ask("GET", path, { origin });
    expect([path, headers["x-content-type-options"]]).toEqual([path, "nosniff"]);
    expect([path, headers["content-security-policy"]]).toEqual([
      path,
      expect.stringContaining("frame-ancestors 'none'"),
    ]);
    expect([path, headers["access-control-allow-origin"]]).toEqual([path, undefined]);
    expect([path, headers["x-request-id"]]).toEqual([path, expect.any(String)]);
  }
  const preflight = await ask("OPTIONS", "/v1/orders", { origin, "access-control-request-method": "POST" });
  expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([405, undefined]);
  const garbage = (await api.raw("GARBAGE\r\n\r\n")).toLowerCase();
  expect(garbage).toContain("x-content-type-options: nosniff");
});

describe("scripts of an origin that CORS_ORIGINS lists", () => {
  const origin = "https://shop.example";
  let open: Api;
  beforeAll(async () => {
    open = await serveForTest({
      corsOrigins: [origin, "http://localhost:5173"],
      anonymous: ["orders:write"],
      keys: [{ name: "ana", digest: hash("sha256", "secret", "buffer"), scopes: new Set(["orders:read"]) }],
    });
  });
  afterAll(() => open.close());
  const preflight = (from: string) =>
    fetch(`${open.url}/v1/orders`, {
      method: "OPTIONS",
      headers: {
        origin: from,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });

  test("may send a key and read any answer; never a cookie", async () => {
    const { status, headers } = await preflight(origin);
    expect(status).toBe(204);
    expect(Object.fromEntries(headers)).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-headers": expect.stringMatching(/^(?!.*forwarded).*authorization.*content-type/),
      "access-control-allow-methods": expect.stringContaining("POST"),
      vary: expect.stringMatching(/origin/i),
    });
    for (const [authorization, status] of [
      ["Bearer secret", 403],
      ["Bearer wrong", 401],
    ] as const) {
      const reply = await fetch(`${open.url}/v1/rejections/7/discard`, {
        method: "POST",
        headers: { origin, authorization },
      });
      expect(reply.status).toBe(status);
      expect(reply.headers.get("access-control-allow-origin")).toBe(origin);
      expect(reply.headers.get("access-control-allow-credentials")).toBeNull();
    }
    const without = await fetch(`${open.url}/v1/orders`, { method: "POST", headers: { origin } });
    expect(without.status).toBe(403);
  });

  test("of another origin may not", async () => {
    for (const other of ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null"]) {
      const { status, headers } = await preflight(other);
      expect([other, status, headers.get("access-control-allow-origin")]).toEqual([other, 405, null]);
    }
    expect((await fetch(`${open.url}/v1/orders`)).headers.get("access-control-allow-origin")).toBeNull();
  });
});

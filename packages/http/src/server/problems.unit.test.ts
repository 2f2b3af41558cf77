import { hash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StoreUnavailable } from "../open-store.ts";
import { serveForTest } from "../testing/serve-for-test.ts";

let api: Awaited<ReturnType<typeof serveForTest>>;
beforeAll(async () => {
  api = await serveForTest({
    anonymous: ["orders:write", "legacy"],
    keys: [{ name: "reader", digest: hash("sha256", "secret", "buffer"), scopes: new Set(["orders:read"]) }],
    store: {
      findCustomer: () => Promise.reject(new StoreUnavailable(new Error("away"))),
      findOrder: () => Promise.reject(new TypeError("a bug")),
    },
  });
});
afterAll(() => api.close());

const key = { authorization: "Bearer secret" };
const get = (path: string, init: RequestInit = {}) => fetch(api.url + path, { headers: key, ...init });

async function expectProblem(reply: Response, status: number): Promise<void> {
  const problem = await reply.json();
  expect([reply.status, reply.headers.get("content-type")]).toEqual([
    status,
    "application/problem+json; charset=utf-8",
  ]);
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^urn:pedidos:problem:\w+$/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
  });
  expect(reply.headers.get("x-request-id")).toMatch(/^\S+$/);
}

/** The answer in what came back on a connection. */
function expectRawProblem(text: string, status: number): void {
  const [head = "", body = ""] = text.slice(text.search(/HTTP\/1.1 \d/)).split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .+`));
  expect(head.toLowerCase()).toContain("content-type: application/problem+json");
  expect(JSON.parse(body)).toMatchObject({ status });
}

describe("every error of v1 is a problem document", () => {
  test.each([
    ["/nothing", 404],
    ["/v1/orders/1/items", 404],
    ["/v1/orders/abc", 400],
    ["/v1/orders/%00", 400],
    ["/v1/orders/%zz", 400],
    [`/v1/orders/${"9".repeat(2_000)}`, 400],
    ["/v1/orders?limit=0", 400],
    ["/v1/orders?limit=1&limit=2", 400],
    ["/v1/orders?cursor=x", 400],
    ["/v1/orders?from=yesterday", 400],
    ["/v1/customers/1", 503],
    ["/v1/orders/1", 500],
    ["/v1/rejections", 403],
    ["/metrics", 403],
  ])("GET %s: %i", async (path, status) => {
    const reply = await get(path);
    await expectProblem(reply, status);
    expect(reply.headers.get("retry-after")).toBe(status === 503 ? "2" : null);
  });

  test("405 names the allowed methods", async () => {
    const reply = await get("/v1/orders", { method: "PUT", body: "{}" });
    await expectProblem(reply, 405);
    expect(reply.headers.get("allow")).toBe("POST, GET, HEAD");
  });

  test("401 asks for a key, also while a body is arriving", async () => {
    for (const init of [{ headers: {} }, { headers: { authorization: "Bearer wrong" } }]) {
      const reply = await fetch(`${api.url}/v1/orders/1`, init);
      await expectProblem(reply, 401);
      expect(reply.headers.get("www-authenticate")).toBe("Bearer");
    }
    const body = "x".repeat(3_000_000);
    await expectProblem(await fetch(`${api.url}/v1/rejections/1/replay`, { method: "POST", body }), 401);
  });

  test("the replaced system's routes answer {error}", async () => {
    for (const [path, method, status] of [
      ["/pedido/abc", "GET", 400],
      ["/pedido/1", "DELETE", 405],
      ["/pedido/1", "GET", 500],
      ["/cliente/1/quantidade_pedidos", "GET", 503],
      ["/cliente/1/pedidos", "GET", 404],
    ] as const) {
      const reply = await get(path, { method });
      expect([path, reply.status, await reply.json()]).toEqual([path, status, { error: expect.any(String) }]);
    }
  });
});

describe("what is hardly HTTP", () => {
  test("a bad request line, headers that are too large, no Host", async () => {
    expectRawProblem(await api.raw("GARBAGE\r\n\r\n"), 400);
    expectRawProblem(await api.raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`), 431);
    expectRawProblem(await api.raw("GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n"), 400);
  });

  test("an expectation that nobody can meet", async () => {
    expectRawProblem(await api.raw("GET / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nConnection: close\r\n\r\n"), 417);
  });

  test("a bad chunk after a good request breaks only that connection", async () => {
    const head =
      "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    expectRawProblem(await api.raw(`${head}zz\r\n`), 400);
    expect((await get("/health/live")).status).toBe(200);
  });
});

test("a connection is good for another request after a body was refused", async () => {
  const body = "x".repeat(1_048_577);
  const first = `POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const text = await api.raw(`${first}GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
});

test("a decent x-request-id comes back, another is replaced", async () => {
  const id = async (sent: string) =>
    (await fetch(`${api.url}/health/live`, { headers: { "x-request-id": sent } })).headers.get("x-request-id");
  expect(await id("abc-123")).toBe("abc-123");
  expect(await id('a"b')).not.toBe('a"b');
  expect(await id("x".repeat(200))).not.toContain("xxx");
});

test("HEAD answers as GET does, without a body", async () => {
  const reply = await get("/health/live", { method: "HEAD" });
  expect([reply.status, await reply.text()]).toEqual([200, ""]);
});

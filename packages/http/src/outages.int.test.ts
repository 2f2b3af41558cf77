import { migrate } from "@pedidos/persistence";
import { startPostgres, startRabbitmq } from "@pedidos/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { orderText, serveRealParts } from "./testing/api-on-real-parts.ts";

let postgres: Awaited<ReturnType<typeof startPostgres>>;
let rabbitmq: Awaited<ReturnType<typeof startRabbitmq>>;
let api: Awaited<ReturnType<typeof serveRealParts>>;
beforeAll(async () => {
  [postgres, rabbitmq] = await Promise.all([startPostgres(), startRabbitmq()]);
  await migrate({ connectionString: postgres.url, directory: "infra/sql" });
  api = await serveRealParts(postgres.url, rabbitmq.url);
  await untilReady("ready");
});
afterAll(async () => {
  await api?.close();
  await Promise.all([postgres?.remove(), rabbitmq?.remove()]);
});

async function untilReady(status: string): Promise<void> {
  const read = async () => (await fetch(`${api.url}/health/ready`)).json();
  await vi.waitFor(async () => expect(await read()).toMatchObject({ status }), { timeout: 30_000, interval: 100 });
}

let lastId = 0;
/** Twenty orders at once; → the statuses of their answers, and how long the slowest took. */
async function post(): Promise<{ statuses: number[]; retryAfter: (string | null)[]; slowestMs: number }> {
  const start = performance.now();
  let slowestMs = 0;
  const replies = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const headers = { "content-type": "application/json" };
      const reply = await fetch(`${api.url}/v1/orders`, { method: "POST", body: orderText(++lastId), headers });
      slowestMs = Math.max(slowestMs, performance.now() - start);
      return reply;
    }),
  );
  return {
    statuses: [...new Set(replies.map((reply) => reply.status))],
    retryAfter: [...new Set(replies.map((reply) => reply.headers.get("retry-after")))],
    slowestMs,
  };
}

test("a silent broker: orders go to the spool within 2 s", async () => {
  rabbitmq.freeze();
  const first = await post();
  expect(first).toMatchObject({ statuses: [202] });
  expect(first.slowestMs).toBeLessThan(2_000);
  expect((await post()).statuses).toEqual([202]);
  await untilReady("degraded");
});

test("a silent database too: 503 with Retry-After within 2 s, for orders, batches and reads; no connection is lost to it", async () => {
  postgres.freeze();
  for (let round = 0; round < 3; round++) {
    const refused = await post();
    expect(refused).toMatchObject({ statuses: [503], retryAfter: ["2"] });
    expect(refused.slowestMs).toBeLessThan(2_000);
  }
  const headers = { "content-type": "application/x-ndjson" };
  const batch = await fetch(`${api.url}/v1/orders/batch`, {
    method: "POST",
    body: `x\n${orderText(++lastId)}`,
    headers,
  });
  expect([batch.status, await batch.json()]).toMatchObject([503, { accepted: 0, rejected: 1 }]);
  const read = await fetch(`${api.url}/v1/customers/1`);
  expect([read.status, read.headers.get("retry-after")]).toEqual([503, "2"]);
  const ready = await fetch(`${api.url}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { status: "unavailable" }]);
});

test("the database back: spool and reads work again; the broker back: ready", async () => {
  postgres.thaw();
  await vi.waitFor(async () => expect((await post()).statuses).toEqual([202]), { timeout: 15_000, interval: 200 });
  await vi.waitFor(async () => expect((await fetch(`${api.url}/v1/customers/1`)).status).toBe(200), 15_000);
  rabbitmq.thaw();
  await untilReady("ready");
  expect((await post()).statuses).toEqual([202]);
});

test("the database killed: orders go to the broker, a wait ends with 202 in its time, reads are 503", async () => {
  await postgres.kill();
  expect((await post()).statuses).toEqual([202]);
  const headers = { "content-type": "application/json", prefer: "wait=1" };
  const start = performance.now();
  const waited = await fetch(`${api.url}/v1/orders`, { method: "POST", body: orderText(++lastId), headers });
  expect(waited.status).toBe(202);
  expect(performance.now() - start).toBeGreaterThan(950);
  expect((await fetch(`${api.url}/v1/orders/1`)).status).toBe(503);
  await untilReady("degraded");
  await postgres.start();
  await untilReady("ready");
});

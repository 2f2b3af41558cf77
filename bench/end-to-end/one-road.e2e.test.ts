import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runMigrator } from "../harness/run-migrator.ts";
import { type Servers, startServers } from "../harness/start-servers.ts";
import { orderText, startTestSystem, type TestSystem, until } from "./start-test-system.ts";

let servers: Servers;
let system: TestSystem;
beforeAll(async () => {
  servers = await startServers();
  await runMigrator(servers.postgres.url);
  return servers.remove;
});
const start = () =>
  startTestSystem({
    ...{ databaseUrl: servers.postgres.url, amqpUrl: servers.rabbitmq.url },
    ...{ migrate: false, awaitReady: false },
  });
beforeEach(async () => {
  system = await start();
});
afterEach(() => system.stop());

let lastId = 0;
/** Posts that many orders at once. → their ids by status, each answered within 2 s and a little. */
async function post(count: number) {
  const ids = Array.from({ length: count }, () => ++lastId);
  const answers = await Promise.all(
    ids.map(async (id) => {
      const began = performance.now();
      const answer = await system.post("/v1/orders", orderText(id));
      return { id, status: answer.status, headers: answer.headers, ms: performance.now() - began };
    }),
  );
  for (const { ms } of answers) expect(ms).toBeLessThan(3_000);
  return { answers, accepted: answers.filter((a) => a.status === 202).map((a) => a.id) };
}
async function acceptAll(count: number): Promise<number[]> {
  const { answers, accepted } = await post(count);
  expect(answers.map((a) => a.status)).toEqual(answers.map(() => 202));
  return accepted;
}
const recorded = (ids: number[]) =>
  until(async () => {
    const [row] = await system.sql("select count(*)::int as n from orders where order_id = any($1)", [ids]);
    expect(row?.n).toBe(ids.length);
  });
const status = (api: string, consumer: string) =>
  until(async () => {
    const [a, c] = await system.readiness();
    expect([a.body.status, c.body.status]).toEqual([api, consumer]);
  });

test("RabbitMQ stopped: orders go by the spool; then PostgreSQL too: 503; each back: nothing is lost, no restart", async () => {
  await status("ready", "ready");
  const before = await acceptAll(20);
  await servers.rabbitmq.stop();
  await status("degraded", "degraded");
  const spooled = await acceptAll(50);
  await recorded([...before, ...spooled]);
  await servers.postgres.stop();
  await status("unavailable", "unavailable");
  const { answers } = await post(10);
  for (const { status, headers } of answers) {
    expect(status).toBe(503);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
  await servers.rabbitmq.start();
  await status("degraded", "unavailable");
  const queued = await acceptAll(50);
  await servers.postgres.start();
  await status("ready", "ready");
  await recorded([...before, ...spooled, ...queued, ...(await acceptAll(20))]);
  const [rejections] = await system.sql("select count(*)::int as n from rejections");
  expect(rejections?.n).toBe(0);
});

describe("started with one away", () => {
  test("RabbitMQ: takes orders, records them, and finds the broker when it comes", async () => {
    await system.stop();
    await servers.rabbitmq.stop();
    system = await start();
    await status("degraded", "degraded");
    await recorded(await acceptAll(20));
    await servers.rabbitmq.start();
    await status("ready", "ready");
    await recorded(await acceptAll(20));
  });

  test("PostgreSQL: takes orders, and records them when it comes", async () => {
    await system.stop();
    await servers.postgres.stop();
    system = await start();
    await status("degraded", "unavailable");
    const queued = await acceptAll(20);
    await servers.postgres.start();
    await status("ready", "ready");
    await recorded(queued);
  });
});

test("a memory alarm with 10000 queued: consuming goes on, new orders go by the spool, events follow afterwards", async () => {
  await status("ready", "ready");
  const channel = await system.channel();
  const { queue } = await channel.assertQueue("events-seen", { durable: true });
  await channel.bindQueue(queue, "orders.events", "order.recorded");
  await servers.postgres.stop();
  await status("degraded", "unavailable");
  const ids = Array.from({ length: 10_000 }, () => ++lastId);
  for (const id of ids) channel.sendToQueue("orders.intake", Buffer.from(orderText(id)), { persistent: true });
  await channel.waitForConfirms();
  await servers.rabbitmq.ctl("set_vm_memory_high_watermark", "0.000001");
  await servers.postgres.start();
  await recorded(ids);
  await recorded(await acceptAll(10));
  await servers.rabbitmq.ctl("set_vm_memory_high_watermark", "0.6");
  const seen = new Set<string>();
  await channel.consume(queue, (m) => {
    for (const event of JSON.parse(String(m?.content ?? "[]"))) seen.add(event.id);
  });
  await until(() => {
    const missing = ids.filter((id) => !seen.has(`order.recorded:${id}`));
    expect(missing).toEqual([]);
  });
});

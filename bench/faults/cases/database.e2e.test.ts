import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import amqp from "amqplib";
import { afterEach, expect, test, vi } from "vitest";
import { openAmqpClient } from "../submit-by-amqp.ts";
import { type Case, findingsOf, openCase, readiness } from "./open-case.ts";

let current: Case | undefined;
afterEach(async () => {
  await current?.close();
  current = undefined;
});

const CONSUMER_TIMEOUT_MS = 10_000;

/** Processor time that a process has used, in seconds. */
function processorSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return ((user ?? 0) + (system ?? 0)) / 100;
}

test("9: PostgreSQL is down with 5000 queued: nothing is rejected, a delivery is spent at most, nobody is busy; it drains", async () => {
  current = await openCase({ start: false });
  const { system, newOrders, record, settle, watch } = current;
  const { consumer1, consumer2, api1 } = system.apps;
  // Whoever holds a delivery for so long loses its channel; by default that is half an hour, looked at once a minute.
  for (const [name, ms] of [
    ["consumer_timeout", CONSUMER_TIMEOUT_MS],
    ["channel_tick_interval", 1_000],
  ])
    await system.rabbitmq.ctl("eval", `application:set_env(rabbit, ${name}, ${ms}).`);
  for (const app of [consumer1, consumer2, api1]) await app.start();
  for (const app of [consumer1, consumer2, api1]) await app.ready();
  await watch();
  const producer = openAmqpClient(system.amqpUrl, record);
  await vi.waitFor(async () => expect(await producer.submit(newOrders(1), "\n")).toBeDefined(), { timeout: 10_000 });
  await system.postgres.stop();
  for (let sent = 0; sent < 5_000; sent += 500)
    await Promise.all(newOrders(500).map((order) => producer.submit([order], "\n")));
  await producer.close();
  await vi.waitFor(async () => expect(await readiness(consumer1.port)).toContain("unavailable"), { timeout: 20_000 });
  expect(await readiness(api1.port)).toContain('"degraded"');
  await wait(CONSUMER_TIMEOUT_MS);
  const before = processorSeconds(consumer1.pid()) + processorSeconds(consumer2.pid());
  await wait(5_000);
  const used = processorSeconds(consumer1.pid()) + processorSeconds(consumer2.pid()) - before;
  expect(used).toBeLessThan(1);
  expect(await deliveriesSpent(system.amqpUrl)).toBeLessThanOrEqual(1);
  await system.postgres.start();
  const [findings, verdict] = findingsOf(await settle());
  expect(findings, verdict).toEqual([]);
}, 180_000);

/** The highest count of deliveries among the queued messages; looking spends one more. */
async function deliveriesSpent(url: string): Promise<number> {
  const connection = await amqp.connect(url);
  const channel = await connection.createChannel();
  let most = 0;
  let seen = 0;
  for (;;) {
    const message = await channel.get("orders.intake");
    if (message === false) break;
    seen++;
    most = Math.max(most, Number(message.properties.headers?.["x-delivery-count"] ?? 0));
  }
  await connection.close();
  expect(seen).toBeGreaterThanOrEqual(5_000);
  return most;
}

import { setTimeout as wait } from "node:timers/promises";
import amqp from "amqplib";
import { expect, test, vi } from "vitest";
import { readProcesses, TICKS_PER_SECOND } from "../../harness/inspect-processes.ts";
import { startAll } from "../../harness/start-system.ts";
import { openCase, readiness } from "./open-case.ts";

/** `OUTAGE=long` takes what an operator would call one. */
const OUTAGES = {
  short: { queued: 5_000, consumerTimeoutMs: 10_000, downMs: 20_000 },
  long: { queued: 50_000, consumerTimeoutMs: 60_000, downMs: 300_000 },
};
const { queued, consumerTimeoutMs, downMs } = OUTAGES[process.env.OUTAGE === "long" ? "long" : "short"];

/** How long it is watched whether anybody is busy. */
const BUSY_MS = 5_000;

test(`9: PostgreSQL is down for ${downMs / 1_000} s with ${queued} queued: nothing is rejected, a delivery is spent at most, nobody is busy; it drains`, async () => {
  const { system, newOrders, openProducer, expectSound, watch } = await openCase({ start: false });
  const { consumer1, consumer2, api1 } = system.apps;
  // A consumer that keeps a delivery for so long loses its channel; by default that is half an hour, checked once a minute.
  for (const [name, ms] of [
    ["consumer_timeout", consumerTimeoutMs],
    ["channel_tick_interval", 1_000],
  ])
    await system.rabbitmq.ctl("eval", `application:set_env(rabbit, ${name}, ${ms}).`);
  await startAll([consumer1, consumer2, api1]);
  await watch();
  const producer = await openProducer();
  await system.postgres.stop();
  const downUntil = Date.now() + downMs;
  for (let sent = 0; sent < queued; sent += 500)
    await Promise.all(newOrders(500).map((order) => producer.submit([order], "\n")));
  await producer.close();
  await vi.waitFor(async () => expect(await readiness(consumer1.port)).toContain("unavailable"), { timeout: 20_000 });
  expect(await readiness(api1.port)).toContain('"degraded"');
  await wait(downUntil - BUSY_MS - Date.now());
  const ticksUsed = () => {
    const processes = readProcesses();
    const used = [consumer1, consumer2].map((consumer) => processes.get(consumer.pid() ?? 0)?.ticks ?? Number.NaN);
    return used.reduce((sum, ticks) => sum + ticks);
  };
  const before = ticksUsed();
  await wait(BUSY_MS);
  expect(ticksUsed() - before).toBeLessThan(TICKS_PER_SECOND);
  expect(await deliveriesSpent(system.amqpUrl)).toBeLessThanOrEqual(1);
  await system.postgres.start();
  await expectSound(120_000);
}, 600_000);

/** A quorum queue has a consumer hold no more. */
const MOST_HELD = 2_000;

/** The highest count of deliveries among the queued messages; looking spends one more. */
async function deliveriesSpent(url: string): Promise<number> {
  const connection = await amqp.connect(url);
  let [most, seen] = [0, 0];
  for (let held = 0; held <= queued; held += MOST_HELD) {
    const channel = await connection.createChannel();
    await channel.consume("orders.intake", (message) => {
      seen++;
      most = Math.max(most, Number(message?.properties.headers?.["x-delivery-count"] ?? 0));
    });
  }
  await vi.waitFor(() => expect(seen).toBeGreaterThanOrEqual(queued), { timeout: consumerTimeoutMs * 0.8 });
  await connection.close();
  return most;
}

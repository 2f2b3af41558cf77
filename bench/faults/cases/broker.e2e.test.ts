import { setTimeout as wait } from "node:timers/promises";
import amqp from "amqplib";
import { expect, test, vi } from "vitest";
import { residentBytes } from "../../harness/inspect-processes.ts";
import { unbindIntake } from "../spoil-topology.ts";
import { openCase, readiness, slowest, tally } from "./open-case.ts";

/** What the contract allows an answer, and what a busy machine adds. */
const ANSWER_LIMIT_MS = 2_000 + 3_000;
const until = (check: () => unknown, limitMs: number) => vi.waitFor(check, { timeout: limitMs, interval: 100 });

test("2: the broker is killed with 500 publishes in flight: all are answered, and it heals by itself", async () => {
  const { system, http, newOrders, operations, expectSound, watch } = await openCase();
  await watch();
  await wait(1_500);
  await system.rabbitmq.freeze();
  const sending = newOrders(500).map((order) => http.api1.submit("single", [order]));
  await wait(300);
  await system.rabbitmq.kill();
  const outcomes = tally(await Promise.all(sending));
  expect(Object.keys(outcomes).filter((name) => !["202", "503"].includes(name))).toEqual([]);
  expect(slowest(operations)).toBeLessThan(ANSWER_LIMIT_MS);
  await system.rabbitmq.start();
  await until(async () => expect(await readiness(system.apps.api1.port)).toContain('"ready"'), 10_000);
  await expectSound();
});

const FROZEN_MS = 60_000;
const WARM_UP_MS = 10_000;

test("3: the broker is frozen for a minute: answers stay in time, memory flat, readiness says so; then it recovers", async () => {
  const { system, http, newOrder, operations, expectSound, watch } = await openCase();
  await watch();
  const residentMb = () => residentBytes(system.apps.api1.pid() ?? 0) / (1024 * 1024);
  const submitUntil = (at: number) =>
    Array.from({ length: 20 }, async () => {
      while (Date.now() < at) await http.api1.submit("single", [newOrder()]);
    });
  // A process that has just started grows until its heap has the size that it works with.
  await Promise.all(submitUntil(Date.now() + WARM_UP_MS));
  const before = residentMb();
  await system.rabbitmq.freeze();
  const frozenAt = Date.now();
  const load = submitUntil(frozenAt + FROZEN_MS);
  await until(async () => expect(await readiness(system.apps.api1.port)).toContain('"degraded"'), 20_000);
  const degradedAfterMs = Date.now() - frozenAt;
  await Promise.all(load);
  const after = residentMb();
  await system.rabbitmq.thaw();
  expect(degradedAfterMs).toBeLessThan(20_000);
  expect(slowest(operations)).toBeLessThan(ANSWER_LIMIT_MS);
  expect(Object.keys(tally(operations.map(({ outcome }) => outcome)))).toEqual(["202"]);
  expect(after - before).toBeLessThan(100);
  await until(async () => expect(await readiness(system.apps.api1.port)).toContain('"ready"'), 20_000);
  await expectSound();
}, 240_000);

test("4: a memory alarm with 10000 queued: orders are taken, the queue empties, announcements follow, nothing that was given up on comes later", async () => {
  const { system, http, newOrder, newOrders, operations, connect, openProducer, expectSound, watch } = await openCase();
  const { consumer1, consumer2 } = system.apps;
  await Promise.all([consumer1.terminate(), consumer2.terminate()]);
  const events = await watch();
  const producer = await openProducer();
  for (let sent = 0; sent < 10_000; sent += 500)
    await Promise.all(newOrders(500).map((order) => producer.submit([order], "\n")));
  await producer.close();
  await system.rabbitmq.ctl("set_vm_memory_high_watermark", "0");
  await Promise.all([consumer1.start(), consumer2.start()]);
  const alarmedAt = Date.now();
  const taken = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const outcomes = [];
      for (let i = 0; i < 20; i++) outcomes.push(await http.api1.submit("single", [newOrder()]));
      return outcomes;
    }),
  );
  const { "202": accepted = 0, "503": unavailable = 0 } = tally(taken.flat());
  expect(accepted + unavailable).toBe(200);
  expect(accepted).toBeGreaterThan(100);
  expect(slowest(operations, alarmedAt)).toBeLessThan(ANSWER_LIMIT_MS);
  const database = await connect();
  await until(async () => {
    const { rows } = await database.query("select count(*)::int as n from orders");
    const sent = new Set(operations.flatMap(({ lines }) => lines.map((line) => line.kind === "order" && line.orderId)));
    expect(rows[0]?.n).toBe(sent.size);
  }, 60_000);
  const announcedBefore = events.size;
  await Promise.all([consumer1.terminate(), consumer2.terminate()]);
  await system.rabbitmq.ctl("set_vm_memory_high_watermark", "0.6");
  for (const api of [system.apps.api1, system.apps.api2])
    await until(async () => expect(await readiness(api.port)).toContain('"ready"'), 20_000);
  // Bytes of a publish that was given up on, and went the other way, would come now that the broker reads again.
  await wait(2_000);
  expect(await system.rabbitmq.ctl("list_queues", "--silent", "name", "messages")).toMatch(/^orders\.intake\t0$/m);
  await Promise.all([consumer1.start(), consumer2.start()]);
  await expectSound();
  expect(announcedBefore).toBeLessThan(events.size / 2);
}, 180_000);

test("5: the queue is unbound, then deleted, under load: no answer depends on a message that reached no queue", async () => {
  const { system, http, newOrder, newOrders, openProducer, settle, expectSound, watch } = await openCase();
  await watch();
  const producer = await openProducer();
  await until(
    async () => expect(await producer.submit(newOrders(1), "\n")).toMatchObject({ kind: "confirmed" }),
    10_000,
  );
  await unbindIntake(system.amqpUrl);
  expect(await producer.submit(newOrders(1), "\n")).toMatchObject({ kind: "returned" });
  expect(await http.api1.submit("single", [newOrder()])).toMatchObject({ status: 202 });
  await settle();
  // Only the API, whose publishes are returned, would declare it again.
  system.apps.consumer1.freeze();
  system.apps.consumer2.freeze();
  const connection = await amqp.connect(system.amqpUrl);
  await (await connection.createChannel()).deleteQueue("orders.intake");
  await connection.close();
  const load = Array.from({ length: 200 }, (_, index) =>
    http[index % 2 ? "api1" : "api2"].submit("single", [newOrder()]),
  );
  expect(tally(await Promise.all(load))).toEqual({ "202": 200 });
  system.apps.consumer1.thaw();
  system.apps.consumer2.thaw();
  await producer.close();
  await expectSound();
}, 120_000);

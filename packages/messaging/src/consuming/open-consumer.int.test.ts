import type { BrokerConsumer, Delivery } from "@pedidos/broker";
import type { Channel } from "amqplib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectLog } from "../testing/collect-log.ts";
import { ownVirtualHost } from "../testing/own-virtual-host.ts";
import { deleteIntakeQueue, resetTopology } from "../testing/reset-topology.ts";
import { until } from "../testing/until.ts";
import { openConsumer } from "./open-consumer.ts";

const { host, stranger } = await ownVirtualHost();
const consumers: BrokerConsumer[] = [];

beforeEach(() => stranger.do(resetTopology));
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
});

async function open(options: { acknowledge?: boolean; prefetch?: number } = {}) {
  const { log } = collectLog();
  const received: Delivery[] = [];
  const consumer = openConsumer({
    url: host.url,
    name: "test",
    log,
    prefetch: options.prefetch ?? 100,
    pedidosQueue: "as-replaced",
    onDelivery(delivery) {
      received.push(delivery);
      if (options.acknowledge) delivery.acknowledge();
    },
  });
  consumers.push(consumer);
  await until(() => consumer.status() === "up", 5_000);
  return { consumer, received };
}
const send = (bodies: string[], options: { contentType?: string; headers?: Record<string, string> } = {}) =>
  stranger.do(async (channel) => {
    for (const body of bodies)
      channel.publish("orders", "order.submitted", Buffer.from(body), { persistent: true, ...options });
  });
const texts = (received: Delivery[]) => received.map(({ body }) => body.toString());
const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));
/** What lies ready in the intake queue, taken out, with how often the broker had delivered it before. */
async function takeAll(): Promise<{ body: string; deliveries: number }[]> {
  return await stranger.do(async (channel) => {
    const taken = [];
    for (;;) {
      const message = await channel.get("orders.intake", { noAck: true });
      if (message === false) return taken;
      const count: unknown = message.properties.headers?.["x-delivery-count"];
      taken.push({ body: message.content.toString(), deliveries: typeof count === "number" ? count : 0 });
    }
  });
}

test("deliveries come in order, with their type and source", async () => {
  const { consumer, received } = await open({ acknowledge: true });
  await send(["a"], { contentType: "application/json" });
  await send(["b"], { contentType: "application/x-ndjson", headers: { source: "http" } });
  await send(["c"], { headers: { source: "replay" } });
  await send(["d"], { headers: { source: "pedidos" } });
  await until(() => received.length === 4, 5_000);
  expect(
    received.map(({ queue, contentType, source, redelivered, body }) => [
      String(body),
      queue,
      contentType,
      source,
      redelivered,
    ]),
  ).toEqual([
    ["a", "orders.intake", "application/json", "orders.intake", false],
    ["b", "orders.intake", "application/x-ndjson", "http", false],
    ["c", "orders.intake", undefined, "replay", false],
    ["d", "orders.intake", undefined, "orders.intake", false],
  ]);
  await consumer.close();
  expect(await takeAll()).toEqual([]);
});

test("closing flushes every acknowledgement and hands back the rest", async () => {
  const { consumer, received } = await open({ prefetch: 1000 });
  await send(numbers(500));
  await until(() => received.length === 500, 10_000);
  for (const [i, delivery] of received.entries()) if (i % 5 !== 0) delivery.acknowledge();
  await consumer.close();
  expect((await takeAll()).map(({ body }) => body)).toEqual(numbers(500).filter((_, i) => i % 5 === 0));
});

test("acknowledging twice, late or after the end is harmless", async () => {
  const { consumer, received } = await open();
  await send(["a", "b"]);
  await until(() => received.length === 2, 5_000);
  received[0]?.acknowledge();
  received[0]?.acknowledge();
  await send(["c"]);
  await until(() => received.length === 3, 5_000);
  expect(consumer.status()).toBe("up");
  expect(received[2]?.redelivered).toBe(false);
  await consumer.close();
  for (const delivery of received) delivery.acknowledge();
  expect((await takeAll()).map(({ body }) => body)).toEqual(["b", "c"]);
});

test("prefetch bounds what is unacknowledged", async () => {
  const { received } = await open({ prefetch: 3 });
  await send(numbers(10));
  await until(() => received.length === 3, 5_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(received).toHaveLength(3);
  received[1]?.acknowledge();
  await until(() => received.length === 4, 5_000);
});

test("pausing hands back what is unacknowledged for one delivery each, and stays connected", async () => {
  const { consumer, received } = await open({ prefetch: 20 });
  await send(numbers(50));
  await until(() => received.length === 20, 5_000);
  for (const delivery of received.slice(0, 5)) delivery.acknowledge();
  await until(() => received.length === 25, 5_000);
  await consumer.pause();
  expect(consumer.status()).toBe("up");
  for (const delivery of received) delivery.acknowledge();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(received).toHaveLength(25);
  const taken = await takeAll();
  expect(taken.map(({ body }) => body)).toEqual(numbers(50).slice(5));
  expect(Math.max(...taken.map(({ deliveries }) => deliveries))).toBe(1);
});

test("resuming brings it all again, redelivered; pausing and resuming as often as one likes", async () => {
  const { consumer, received } = await open({ prefetch: 10 });
  await send(numbers(10));
  await until(() => received.length === 10, 5_000);
  await consumer.pause();
  consumer.resume();
  await until(() => received.length === 20, 5_000);
  expect(texts(received.slice(10))).toEqual(numbers(10));
  expect(received.slice(10).every(({ redelivered }) => redelivered)).toBe(true);
  void consumer.pause();
  consumer.resume();
  await consumer.pause();
  consumer.resume();
  await until(() => consumer.status() === "up" && received.length >= 30, 5_000);
  for (const delivery of received.slice(-10)) delivery.acknowledge();
  await consumer.close();
  expect(await takeAll()).toEqual([]);
});

test("after cancelling nothing new comes, and what came can be acknowledged", async () => {
  const { consumer, received } = await open({ prefetch: 5 });
  await send(numbers(10));
  await until(() => received.length === 5, 5_000);
  await consumer.cancel();
  const came = received.length;
  for (const delivery of received) delivery.acknowledge();
  await send(["new"]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(received).toHaveLength(came);
  expect(consumer.status()).toBe("up");
  await consumer.close();
  const taken = await takeAll();
  expect(taken.map(({ body }) => body)).toEqual([...numbers(10).slice(5), "new"]);
  expect(taken.every(({ deliveries }) => deliveries === 0)).toBe(true);
});

test("a queue that is deleted comes back, and is consumed", async () => {
  const { consumer, received } = await open({ acknowledge: true });
  const deletions = {
    "orders.intake": deleteIntakeQueue,
    pedidos: (channel: Channel) => channel.deleteQueue("pedidos"),
  };
  for (const [queue, deletion] of Object.entries(deletions)) {
    const before = received.length;
    await stranger.do<unknown>(deletion);
    await until(async () => {
      await stranger.do(async (channel) => channel.sendToQueue(queue, Buffer.from(queue)));
      await new Promise((resolve) => setTimeout(resolve, 50));
      return received.length > before;
    }, 10_000);
    expect(received.at(-1)?.queue).toBe(queue);
  }
  expect(consumer.status()).toBe("up");
});

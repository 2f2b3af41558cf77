import type { BrokerConsumer, Delivery } from "@pedidos/broker";
import { connect } from "amqplib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openConsumer } from "../consuming/open-consumer.ts";
import { collectLog } from "../testing/collect-log.ts";
import { ownVirtualHost } from "../testing/own-virtual-host.ts";
import { resetTopology } from "../testing/reset-topology.ts";
import { until } from "../testing/until.ts";
import type { PedidosQueue } from "./prepare-pedidos.ts";

const { host, stranger } = await ownVirtualHost();
const consumers: BrokerConsumer[] = [];

beforeEach(() => stranger.do(resetTopology));
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
});

function open(pedidosQueue: PedidosQueue = "as-replaced") {
  const { log, lines } = collectLog();
  const received: Delivery[] = [];
  const consumer = openConsumer({
    url: host.url,
    name: "test",
    log,
    prefetch: 10,
    pedidosQueue,
    onDelivery(delivery) {
      received.push(delivery);
      delivery.acknowledge();
    },
  });
  consumers.push(consumer);
  const warnings = () => lines.filter((line) => line.includes("not durable"));
  return { consumer, received, lines, warnings };
}
const consumersOf = (queue: string) =>
  stranger.do(async (channel) => {
    const found = await channel.checkQueue(queue).catch(() => undefined);
    return found?.consumerCount ?? 0;
  });
async function works(received: Delivery[]): Promise<void> {
  await until(async () => (await consumersOf("pedidos")) === 1, 10_000);
  await stranger.do(async (channel) =>
    channel.sendToQueue("pedidos", Buffer.from("{}"), { headers: { source: "http" } }),
  );
  await until(() => received.length === 1, 5_000);
  expect(received[0]).toMatchObject({ queue: "pedidos", source: "pedidos" });
}

test.each([
  ["durable", { durable: true }, 0],
  ["not durable", { durable: false }, 1],
  ["not durable, deleted with its last consumer", { durable: false, autoDelete: true }, 1],
  ["durable with arguments", { durable: true, arguments: { "x-max-length": 10, "x-message-ttl": 60_000 } }, 0],
  ["not durable with arguments", { durable: false, arguments: { "x-max-length": 10 } }, 1],
  ["a quorum queue", { durable: true, arguments: { "x-queue-type": "quorum", "x-delivery-limit": 3 } }, 0],
])("found %s: used as it is", async (_, queue, warnings) => {
  await stranger.do((channel) => channel.assertQueue("pedidos", queue));
  const found = open();
  await works(found.received);
  expect(found.warnings()).toHaveLength(warnings);
  // Still as its owner declares it.
  await stranger.do((channel) => channel.assertQueue("pedidos", queue));
});

test("absent: declared so that the replaced system's producers can declare it too", async () => {
  const { received, warnings } = open();
  await works(received);
  await stranger.do((channel) => channel.assertQueue("pedidos", { durable: false }));
  expect(warnings()).toHaveLength(1);
});

test("absent, and wanted durable: a quorum queue", async () => {
  const { received, warnings } = open("durable");
  await works(received);
  await stranger.do((channel) =>
    channel.assertQueue("pedidos", {
      durable: true,
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 100,
        "x-overflow": "reject-publish",
        "x-dead-letter-strategy": "at-least-once",
        "x-dead-letter-exchange": "orders.dead",
        "x-dead-letter-routing-key": "pedidos",
      },
    }),
  );
  expect(warnings()).toEqual([]);
});

test("off: neither declared nor consumed", async () => {
  const { consumer } = open("off");
  await until(() => consumer.status() === "up", 5_000);
  await expect(stranger.do((channel) => channel.checkQueue("pedidos"))).rejects.toThrow(/404/);
  await stranger.do((channel) => channel.assertQueue("pedidos", { durable: false }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await consumersOf("pedidos")).toBe(0);
});

/** With its name, as a port may have such a number in it. */
const LOCKED = "405 (RESOURCE-LOCKED)";

test("held exclusively by another: orders.intake is consumed all the same, and pedidos once it is free", async () => {
  const owner = await connect(host.url);
  const owned = await owner.createChannel();
  await owned.assertQueue("pedidos", { durable: false, exclusive: true });
  const { consumer, received, lines } = open();
  await until(() => consumer.status() === "up", 5_000);
  await until(() => lines.some((line) => line.includes(LOCKED)), 5_000);
  await stranger.do(async (channel) => channel.sendToQueue("orders.intake", Buffer.from("{}")));
  await until(() => received.length === 1, 5_000);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(consumer.status()).toBe("up");
  expect(
    lines.filter((line) => line.includes(LOCKED)),
    "one line, not one an attempt",
  ).toHaveLength(1);
  received.length = 0;
  await owner.close();
  await works(received);
});

test("consumed exclusively by another: orders.intake is consumed all the same, and pedidos once it is free", async () => {
  const owner = await connect(host.url);
  const owned = await owner.createChannel();
  await owned.assertQueue("pedidos", { durable: false });
  await owned.consume("pedidos", () => {}, { exclusive: true });
  const { consumer, received, lines } = open();
  await until(() => lines.some((line) => line.includes("403 (ACCESS-REFUSED)")), 5_000);
  await until(() => consumer.status() === "up", 5_000);
  await owner.close();
  await works(received);
});

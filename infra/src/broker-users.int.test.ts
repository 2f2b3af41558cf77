import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrokerConsumer, DeadLetter, Delivery } from "@pedidos/broker";
import { recordedEvent } from "@pedidos/contract";
import {
  deadLetterMessage,
  eventMessages,
  openConsumer,
  openDeadLetters,
  openPublisher,
  ordersMessage,
  type Publisher,
  revivedMessage,
} from "@pedidos/messaging";
import type { Log } from "@pedidos/process";
import { type Rabbitmq, startRabbitmq } from "@pedidos/testing";
import amqp from "amqplib";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

// Users belong to the broker, so this broker is the test's own.
let broker: Rabbitmq;
const secrets = mkdtempSync(join(tmpdir(), "broker-users-"));
const log: Log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  execFileSync("/bin/sh", [join(import.meta.dirname, "../make-secrets.sh")], {
    env: { PATH: process.env.PATH, SECRETS_DIR: join(secrets, "made"), ENV_FILE: join(secrets, "env") },
  });
  broker = await startRabbitmq();
  await broker.ctl("import_definitions", join(secrets, "made/rabbitmq-definitions.json"));
  await broker.ctl("delete_user", "guest");
});
afterAll(async () => {
  await broker.remove();
  rmSync(secrets, { recursive: true });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type User = "api" | "dead-letters" | "consumer";

/** As the container reads it, at this broker's address. */
function urlOf(user: User): string {
  const url = new URL(readFileSync(join(secrets, "made", `amqp-url-${user}`), "utf8").trim());
  url.host = new URL(broker.url).host;
  return url.href;
}

async function publisherOf(user: User): Promise<Publisher> {
  const publisher = openPublisher({ url: urlOf(user), name: user, log });
  closing.push(publisher.close);
  await vi.waitFor(() => expect(publisher.status()).toBe("up"), { timeout: 20_000 });
  return publisher;
}

async function consumerOf(onDelivery: (delivery: Delivery) => void): Promise<BrokerConsumer> {
  const url = urlOf("consumer");
  const consumer = openConsumer({ url, name: "consumer", log, prefetch: 10, pedidosQueue: "as-replaced", onDelivery });
  closing.push(consumer.close);
  await vi.waitFor(() => expect(consumer.status()).toBe("up"), { timeout: 20_000 });
  return consumer;
}

/** Has the API publish an order and the consumer take it. */
async function deliverOne() {
  const deliveries: Delivery[] = [];
  await consumerOf((delivery) => {
    deliveries.push(delivery);
    delivery.acknowledge();
  });
  const api = await publisherOf("api");
  expect(await api.publish(ordersMessage([{ body: Buffer.from("{}"), source: "http" }]))).toBe("confirmed");
  await vi.waitFor(() => expect(deliveries).toHaveLength(1), { timeout: 20_000 });
  return { api, deliveries };
}

test("the API publishes, the consumer consumes, announces, sets aside: neither may declare the topology", async () => {
  const { api, deliveries } = await deliverOne();
  expect(deliveries[0]).toMatchObject({ queue: "orders.intake", source: "http" });

  const empty = { messages: 0, consumers: expect.any(Number) };
  expect(await api.depths()).toEqual({ "orders.intake": empty, pedidos: empty, "orders.dead-letter": empty });

  const consumer = await publisherOf("consumer");
  expect(await consumer.publish(deadLetterMessage(Buffer.from("x"), "pedidos"))).toBe("confirmed");
  const letters = openDeadLetters({ url: urlOf("dead-letters"), name: "api", log });
  await vi.waitFor(async () => expect(await letters.read({ count: 9, bytes: 9 })).toMatchObject({ depth: 1 }), 20_000);
  const found = await letters.read({ count: 9, bytes: 9 });
  const id = found === "unavailable" ? "" : found.deadLetters[0]?.deadLetterId;
  const settle = async (letter: DeadLetter) => (await api.publish(revivedMessage(letter))) === "confirmed";
  expect(await letters.take(id ?? "", settle)).toBe("taken");
  expect(await letters.read({ count: 9, bytes: 9 })).toEqual({ deadLetters: [], depth: 0 });

  const recorded = { orderId: 1, customerId: 1, total: "1.00", itemCount: 1, recordedAt: "2026-11-24T12:00:00Z" };
  for (const message of eventMessages([recordedEvent(recorded)]))
    expect(await consumer.publish(message)).toBe("confirmed");
  expect(await broker.ctl("list_queues", "name", "durable")).toMatch(/^pedidos\s+false$/m);
});

test("the consumer goes on without pedidos, which it may not declare, and consumes it once it is there", async () => {
  await broker.ctl("delete_queue", "pedidos");
  const { deliveries } = await deliverOne();
  await broker.ctl("import_definitions", join(secrets, "made/rabbitmq-definitions.json"));
  const connection = await amqp.connect(urlOf("api"));
  closing.push(() => connection.close());
  const producer = await connection.createChannel();
  producer.sendToQueue("pedidos", Buffer.from("{}"));
  await vi.waitFor(() => expect(deliveries).toHaveLength(2), { timeout: 30_000 });
  expect(deliveries[1]).toMatchObject({ queue: "pedidos" });
});

test("a process that lacks a part of the topology reports it, and comes up once it is there", async () => {
  await broker.ctl(
    "eval",
    'rabbit_exchange:delete(rabbit_misc:r(<<"/">>, exchange, <<"orders.events">>), false, <<"t">>).',
  );
  const consumer = openPublisher({ url: urlOf("consumer"), name: "consumer", log });
  closing.push(consumer.close);
  await vi.waitFor(() => expect(JSON.stringify(vi.mocked(log.warn).mock.calls)).toContain("orders.events"), {
    timeout: 20_000,
  });
  expect(consumer.status()).toBe("down");
  await broker.ctl("import_definitions", join(secrets, "made/rabbitmq-definitions.json"));
  await vi.waitFor(() => expect(consumer.status()).toBe("up"), { timeout: 30_000 });
});

type Act = (channel: amqp.ConfirmChannel) => Promise<unknown>;
const QUEUES = ["orders.intake", "pedidos", "orders.dead-letter"];
const USERS: readonly User[] = ["api", "dead-letters", "consumer"];
const publishTo =
  (exchange: string): Act =>
  async (channel) => {
    channel.publish(exchange, "order.submitted", Buffer.from("{}"));
    await channel.waitForConfirms();
  };

test.each<[User, string, Act]>([
  ["api", "consumes the intake queue", (channel) => channel.consume("orders.intake", () => {})],
  ...QUEUES.flatMap((queue): [User, string, Act][] => [
    ["api", `purges ${queue}`, (channel) => channel.purgeQueue(queue)],
    ["api", `reads ${queue}`, (channel) => channel.get(queue)],
    ...USERS.map((user): [User, string, Act] => [user, `deletes ${queue}`, (channel) => channel.deleteQueue(queue)]),
  ]),
  ["dead-letters", "purges the intake queue", (channel) => channel.purgeQueue("orders.intake")],
  ["dead-letters", "publishes to a queue", publishTo("")],
  ["consumer", "purges the dead letters", (channel) => channel.purgeQueue("orders.dead-letter")],
  ["consumer", "declares pedidos otherwise", (channel) => channel.assertQueue("pedidos", { messageTtl: 1 })],
  ["api", "declares a queue", (channel) => channel.assertQueue("mine")],
  ["api", "binds a queue of ours elsewhere", (channel) => channel.bindQueue("orders.intake", "orders.events", "#")],
  ["api", "announces", publishTo("orders.events")],
  ["consumer", "reads the dead letters", (channel) => channel.get("orders.dead-letter")],
  ["consumer", "declares another queue", (channel) => channel.assertQueue("pedidos2")],
  [
    "consumer",
    "unbinds the intake queue",
    (channel) => channel.unbindQueue("orders.intake", "orders", "order.submitted"),
  ],
  ["consumer", "deletes an exchange", (channel) => channel.deleteExchange("orders.events")],
  ["consumer", "publishes as other producers do", publishTo("orders")],
])("denied: %s %s", async (user, _, act) => {
  const connection = await amqp.connect(urlOf(user));
  closing.push(() => connection.close().catch(() => {}));
  const channel = await connection.createConfirmChannel();
  const refused = new Promise((resolve) => channel.once("error", resolve));
  act(channel).catch(() => {}); // reported by the channel too
  expect(await refused).toMatchObject({ code: 403 });
});

test("nobody comes in as guest", async () => {
  await expect(amqp.connect(broker.url)).rejects.toThrow(/ACCESS_REFUSED|403/);
});

import { randomBytes } from "node:crypto";
import { recordedEvent } from "@pedidos/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectLog } from "../testing/collect-log.ts";
import { ownVirtualHost } from "../testing/own-virtual-host.ts";
import { deleteIntakeQueue, resetTopology } from "../testing/reset-topology.ts";
import { until } from "../testing/until.ts";
import { eventMessages, ordersMessage } from "./messages.ts";
import { openPublisher, type Publisher } from "./open-publisher.ts";

const { host, stranger } = await ownVirtualHost();
const publishers: Publisher[] = [];

beforeEach(() => stranger.do(resetTopology));
afterEach(async () => {
  await Promise.all(publishers.splice(0).map((publisher) => publisher.close()));
});

async function open(options: { confirmTimeoutMs?: number; window?: number } = {}) {
  const { log, lines } = collectLog();
  const publisher = openPublisher({ url: host.url, name: "test", log, ...options });
  publishers.push(publisher);
  await until(() => publisher.status() === "up", 5_000);
  return { publisher, lines };
}
const order = (size = 2) => ordersMessage([{ body: Buffer.alloc(size, "x"), source: "http" }]);
const ready = (queue: string) => stranger.do(async (channel) => (await channel.checkQueue(queue)).messageCount);

test("the topology is there when the publisher is up, and can be declared any number of times", async () => {
  await open();
  await open();
  await stranger.do(async (channel) => {
    for (const exchange of ["orders", "orders.dead", "orders.events"])
      await channel.assertExchange(exchange, "topic", { durable: true });
    channel.publish("orders", "order.submitted", Buffer.from("{}"));
    channel.publish("orders.dead", "orders.intake", Buffer.from("{}"));
    await channel.assertQueue("orders.dead-letter", {
      durable: true,
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1_000_000_000,
        "x-overflow": "reject-publish",
      },
    });
  });
  await until(async () => (await ready("orders.intake")) === 1 && (await ready("orders.dead-letter")) === 1, 5_000);
});

test("a message is confirmed, persistent, with its type, its source and an id of its own", async () => {
  const { publisher } = await open();
  expect(await publisher.publish(order())).toBe("confirmed");
  expect(await publisher.publish(order())).toBe("confirmed");
  const got = await stranger.do(async (channel) => [
    await channel.get("orders.intake", { noAck: true }),
    await channel.get("orders.intake", { noAck: true }),
  ]);
  const properties = got.map((message) => (message === false ? undefined : message.properties));
  for (const property of properties)
    expect(property).toMatchObject({
      deliveryMode: 2,
      contentType: "application/json",
      headers: { source: "http" },
    });
  expect(properties[0]?.messageId).not.toBe(properties[1]?.messageId);
});

test("a message says where somebody waits for an order in it, and only there", async () => {
  const { publisher } = await open();
  await publisher.publish(ordersMessage([{ body: Buffer.from("{}"), source: "http", awaited: true }]));
  await publisher.publish(order());
  const headers = await stranger.do(async (channel) => {
    const got = [
      await channel.get("orders.intake", { noAck: true }),
      await channel.get("orders.intake", { noAck: true }),
    ];
    return got.map((message) => (message === false ? undefined : message.properties.headers));
  });
  expect(headers[0]).toMatchObject({ source: "http", awaited: true });
  expect(headers[1]).not.toHaveProperty("awaited");
});

test("many messages at once: each has its own outcome, unroutable ones among them", async () => {
  const { publisher } = await open();
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      publisher.publish(i % 10 === 3 ? { ...order(), routingKey: "nobody" } : order()),
    ),
  );
  expect(outcomes).toEqual(Array.from({ length: 200 }, (_, i) => (i % 10 === 3 ? "unroutable" : "confirmed")));
  await until(async () => (await ready("orders.intake")) === 180, 5_000);
});

test("an announcement that nobody listens to is confirmed", async () => {
  const { publisher } = await open();
  const order = { orderId: 1, customerId: 1, total: "1.00", itemCount: 1, recordedAt: "2026-11-24T12:00:00Z" };
  const outcomes = await Promise.all(
    eventMessages([recordedEvent(order)]).map((message) => publisher.publish(message)),
  );
  expect(outcomes).toEqual(["confirmed"]);
});

test("over the window a publish is unavailable at once", async () => {
  const { publisher } = await open({ window: 10 });
  const outcomes = await Promise.all(Array.from({ length: 25 }, () => publisher.publish(order())));
  expect(outcomes.filter((outcome) => outcome === "confirmed")).toHaveLength(10);
  expect(outcomes.slice(10)).toEqual(Array(15).fill("unavailable"));
  expect(await publisher.publish(order())).toBe("confirmed");
});

test("the window is one of bytes too, but a single message may have any size", async () => {
  const { publisher } = await open({ confirmTimeoutMs: 20_000 });
  const large = order(20 * 1024 * 1024);
  expect(await Promise.all([publisher.publish(large), publisher.publish(large)])).toEqual(["confirmed", "unavailable"]);
  expect(await publisher.publish(order(40 * 1024 * 1024))).toBe("confirmed");
});

test("a queue that is full refuses: that is distinguished from a broker that does not confirm", async () => {
  const { publisher } = await open();
  await stranger.do((channel) =>
    channel.assertQueue("full", { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } }),
  );
  const message = { ...order(), routingKey: "full" };
  expect(await publisher.publish(message)).toBe("confirmed");
  expect(await publisher.publish(message)).toBe("refused");
  expect(await publisher.publish(order())).toBe("confirmed");
  expect(publisher.status()).toBe("up");
  await stranger.do((channel) => channel.deleteQueue("full"));
});

test("an intake queue that was deleted comes back within seconds of the first message that misses it", async () => {
  const { publisher } = await open();
  for (let round = 0; round < 2; round++) {
    await stranger.do(deleteIntakeQueue);
    expect(await publisher.publish(order())).toBe("unroutable");
    await until(async () => (await publisher.publish(order())) === "confirmed", 5_000);
  }
});

test("an exchange that was deleted comes back", async () => {
  const { publisher } = await open();
  await stranger.do((channel) => channel.deleteExchange("orders.events"));
  const message = {
    exchange: "orders.events",
    routingKey: "order.recorded",
    body: Buffer.from("[]"),
    contentType: "t",
  };
  expect(await publisher.publish({ ...message, mandatory: false })).toBe("unavailable");
  await until(async () => (await publisher.publish({ ...message, mandatory: false })) === "confirmed", 5_000);
});

test("closing waits for unconfirmed messages; after it everything is unavailable", async () => {
  const { publisher } = await open();
  const outcomes = Array.from({ length: 50 }, () => publisher.publish(order()));
  await publisher.close();
  expect(await Promise.all(outcomes)).toEqual(Array(50).fill("confirmed"));
  expect(publisher.status()).toBe("down");
  expect(await publisher.publish(order())).toBe("unavailable");
});

test("a wrong password is reported without the password", async () => {
  const { log, lines } = collectLog();
  const secret = randomBytes(8).toString("hex");
  const publisher = openPublisher({ url: host.url.replace("guest:guest", `guest:${secret}`), name: "test", log });
  publishers.push(publisher);
  await until(() => lines.some((line) => line.includes("ACCESS_REFUSED") || line.includes("403")), 10_000);
  expect(publisher.status()).toBe("down");
  expect(lines.join("\n")).not.toContain(secret);
  expect(lines.join("\n")).toContain(host.name);
});

test("it reports how many messages are in each queue, and null of one that is absent", async () => {
  const { publisher } = await open();
  await publisher.publish(order());
  await publisher.publish(order());
  await until(async () => (await publisher.depths())?.["orders.intake"]?.messages === 2, 5_000);
  expect(await publisher.depths()).toEqual({
    "orders.intake": { messages: 2, consumers: 0 },
    pedidos: null,
    "orders.dead-letter": { messages: 0, consumers: 0 },
  });
  expect(publisher.status()).toBe("up");
});

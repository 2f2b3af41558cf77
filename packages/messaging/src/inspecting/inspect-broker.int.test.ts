import { expect, test } from "vitest";
import { openPublisher } from "../publishing/open-publisher.ts";
import { collectLog } from "../testing/collect-log.ts";
import { ownVirtualHost } from "../testing/own-virtual-host.ts";
import { until } from "../testing/until.ts";
import { inspectBroker } from "./inspect-broker.ts";

const { host, stranger } = await ownVirtualHost();

test("absent, different and right parts are reported, and nothing is made", async () => {
  await stranger.do((channel) => channel.assertQueue("orders.intake", { durable: true }));
  const states = async () =>
    Object.fromEntries((await inspectBroker(host.url)).parts.map(({ name, state }) => [name, state]));
  const found = {
    orders: "absent",
    "orders.dead": "absent",
    "orders.events": "absent",
    "orders.dead-letter": "absent",
    "orders.intake": "different",
    pedidos: "absent",
  };
  expect(await states()).toEqual(found);
  expect(await states()).toEqual(found);
  const different = (await inspectBroker(host.url)).parts.find(({ state }) => state === "different");
  expect(different).toMatchObject({ name: "orders.intake", messages: 0, consumers: 0 });

  await stranger.do((channel) => channel.deleteQueue("orders.intake"));
  const { log } = collectLog();
  const publisher = openPublisher({ url: host.url, name: "test", log });
  await until(() => publisher.status() === "up", 5_000);
  await publisher.close();
  const facts = await inspectBroker(host.url);
  expect(facts).toMatchObject({ product: "RabbitMQ", version: expect.stringMatching(/^[34]\./), alarm: null });
  const { pedidos, ...ours } = Object.fromEntries(facts.parts.map(({ name, state }) => [name, state]));
  expect([new Set(Object.values(ours)), pedidos]).toEqual([new Set(["right"]), "absent"]);
});

test("one that is away is an error without the password", async () => {
  await expect(inspectBroker("amqp://ana:secret@127.0.0.1:1")).rejects.toThrow(/^(?!.*secret)/);
});

import { freshVirtualHost } from "@pedidos/testing";
import { afterEach, expect, test } from "vitest";
import { openConsumer } from "../consuming/open-consumer.ts";
import { ordersMessage } from "../publishing/messages.ts";
import { openPublisher } from "../publishing/open-publisher.ts";
import { collectLog } from "../testing/collect-log.ts";
import { openStranger } from "../testing/open-stranger.ts";
import { swallowBinds } from "../testing/swallow-binds.ts";
import { until } from "../testing/until.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test("where queue.bind has no answer, publishing and consuming begin all the same, and the bindings follow", async () => {
  const host = await freshVirtualHost();
  closing.push(host.drop);
  const stranger = await openStranger(host.url);
  closing.push(stranger.close);
  const relay = await swallowBinds(host.url);
  closing.push(relay.close);
  const { log, lines } = collectLog();
  const connection = { url: relay.url, name: "test", log };
  const publisher = openPublisher(connection);
  closing.push(publisher.close);
  const received: string[] = [];
  const consumer = openConsumer({
    ...connection,
    prefetch: 10,
    pedidosQueue: "as-replaced",
    onDelivery({ body, acknowledge }) {
      received.push(String(body));
      acknowledge();
    },
  });
  closing.push(consumer.close);
  await until(() => publisher.status() === "up" && consumer.status() === "up", 5_000);
  expect(relay.binds()).toBeGreaterThan(0);
  expect(await publisher.publish(ordersMessage([{ body: Buffer.from("first"), source: "http" }]))).toBe("confirmed");
  await until(() => received.includes("first"), 5_000);
  await until(() => lines.some((line) => line.includes("binding")), 10_000);
  expect(lines.filter((line) => line.includes("lost the broker"))).toEqual([]);
  const submit = async () => {
    await stranger.do(async (channel) => channel.publish("orders", "order.submitted", Buffer.from("by the exchange")));
    return received.includes("by the exchange");
  };
  expect(await submit()).toBe(false);
  relay.thaw();
  await until(submit, 10_000);
});

import { setTimeout as wait } from "node:timers/promises";
import { freshVirtualHost } from "@pedidos/testing";
import { afterEach, expect, test } from "vitest";
import { collectLog } from "../testing/collect-log.ts";
import { openStranger } from "../testing/open-stranger.ts";
import { relayTo } from "../testing/relay-to.ts";
import { until } from "../testing/until.ts";
import { deadLetterMessage, ordersMessage } from "./messages.ts";
import { openPublisher } from "./open-publisher.ts";

const MEBIBYTE = 1024 * 1024;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A slow way to a broker; what each connection writes arrives at so many bytes a second. */
function throttleLine(url: string, bytesPerSecond: number): ReturnType<typeof relayTo> {
  return relayTo(url, (client, broker) => {
    void (async () => {
      for await (const piece of client) {
        broker.write(piece);
        await wait((piece.length / bytesPerSecond) * 1_000);
      }
    })().catch(() => {});
  });
}

async function open() {
  const host = await freshVirtualHost();
  closing.push(host.drop);
  const stranger = await openStranger(host.url);
  closing.push(stranger.close);
  const line = await throttleLine(host.url, 2 * MEBIBYTE);
  closing.push(line.close);
  const { log, lines } = collectLog();
  const publisher = openPublisher({ url: line.url, name: "test", log });
  closing.push(publisher.close);
  await until(() => publisher.status() === "up", 5_000);
  const depth = (queue: string) => stranger.do(async (channel) => (await channel.checkQueue(queue)).messageCount);
  return { publisher, lines, depth };
}

test("a body that takes long on a slow line is confirmed, and orders meanwhile are too", async () => {
  const { publisher, lines, depth } = await open();
  let isSent = false;
  const large = [8, 5].map((size) => publisher.publish(deadLetterMessage(Buffer.alloc(size * MEBIBYTE), "pedidos")));
  const sent = Promise.all(large).finally(() => {
    isSent = true;
  });
  let orders = 0;
  while (!isSent) {
    expect(await publisher.publish(ordersMessage([{ body: Buffer.from("{}"), source: "http" }]))).toBe("confirmed");
    expect(publisher.status()).toBe("up");
    orders++;
  }
  expect(await sent).toEqual(["confirmed", "confirmed"]);
  expect(orders).toBeGreaterThan(10);
  await until(async () => (await depth("orders.dead-letter")) === 2, 5_000);
  expect(lines.filter((line) => line.includes("lost the broker"))).toEqual([]);
}, 120_000);

test("closing waits for no large body that is in flight", async () => {
  const { publisher } = await open();
  const large = publisher.publish(deadLetterMessage(Buffer.alloc(30 * MEBIBYTE), "pedidos"));
  await publisher.publish(ordersMessage([{ body: Buffer.from("{}"), source: "http" }]));
  const since = performance.now();
  await publisher.close();
  expect(await large).toBe("unavailable");
  expect(performance.now() - since).toBeLessThan(8_000);
}, 120_000);

import { setTimeout as wait } from "node:timers/promises";
import { openConsumer, openPublisher, ordersMessage } from "@pedidos/messaging";
import type { Log } from "@pedidos/process";
import { type RabbitmqCluster, startRabbitmqCluster } from "@pedidos/testing";
import amqp from "amqplib";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

let cluster: RabbitmqCluster;
beforeAll(async () => {
  cluster = await startRabbitmqCluster(3);
}, 300_000);
afterAll(() => cluster?.remove());

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const until = (check: () => unknown, limitMs: number) => vi.waitFor(check, { timeout: limitMs, interval: 50 });

/** What an API and a consumer have of the broker, on one node. */
async function openApps(url: string, limitMs: number) {
  const received: string[] = [];
  const publisher = openPublisher({ url, name: "test", log });
  onTestFinished(publisher.close);
  const onDelivery = ({ body, acknowledge }: { body: Buffer; acknowledge: () => void }) => {
    received.push(String(body));
    acknowledge();
  };
  const consumer = openConsumer({ url, name: "test", log, prefetch: 10, pedidosQueue: "off", onDelivery });
  onTestFinished(consumer.close);
  await until(() => expect([publisher.status(), consumer.status()]).toEqual(["up", "up"]), limitMs);
  return { publisher, received };
}

/** Has as many confirmed as there are to be, while a queue may be choosing another leader. */
async function publishAll(
  { publisher }: Awaited<ReturnType<typeof openApps>>,
  texts: readonly string[],
  limitMs: number,
) {
  for (const text of texts)
    await until(
      async () =>
        expect(await publisher.publish(ordersMessage([{ body: Buffer.from(text), source: "http" }]))).toBe("confirmed"),
      limitMs,
    );
}

test("22: with a node frozen, apps that start on another publish and consume within seconds", async () => {
  const [first, second, third] = cluster.nodes;
  if (second === undefined || third === undefined) throw new Error("a cluster of three has three nodes");
  const before = await openApps(first.url, 60_000);
  await publishAll(before, ["before"], 30_000);
  await until(() => expect(before.received).toContain("before"), 30_000);
  await third.freeze();
  onTestFinished(third.thaw);
  // RabbitMQ itself: the call that apps waited for.
  const stranger = await amqp.connect(second.url);
  stranger.on("error", () => {});
  onTestFinished(async () => {
    await Promise.race([stranger.close().catch(() => {}), wait(1_000)]);
  });
  const channel = await stranger.createChannel();
  channel.on("error", () => {});
  let isBound = false;
  channel.bindQueue("orders.intake", "orders", "order.submitted").then(
    () => {
      isBound = true;
    },
    () => {},
  );
  const startedAt = performance.now();
  const after = await openApps(second.url, 15_000);
  await publishAll(after, ["one", "two", "three"], 15_000);
  await until(() => {
    const all = [...before.received, ...after.received];
    for (const text of ["one", "two", "three"]) expect(all).toContain(text);
  }, 15_000);
  const tookMs = performance.now() - startedAt;
  expect(isBound, "the broker has no answer to a binding meanwhile").toBe(false);
  expect(tookMs).toBeLessThan(15_000);
}, 180_000);

import type { ConsumeMessage } from "amqplib";
import { expect, test } from "vitest";
import { openAcknowledger } from "./open-acknowledger.ts";

const message = (deliveryTag: number): ConsumeMessage => ({
  content: Buffer.alloc(0),
  fields: { deliveryTag, redelivered: false, exchange: "", routingKey: "", consumerTag: "" },
  properties: {
    contentType: undefined,
    contentEncoding: undefined,
    headers: undefined,
    deliveryMode: undefined,
    priority: undefined,
    correlationId: undefined,
    replyTo: undefined,
    expiration: undefined,
    messageId: undefined,
    timestamp: undefined,
    type: undefined,
    userId: undefined,
    appId: undefined,
    clusterId: undefined,
  },
});

/** A channel as the broker sees it: which tags each frame acknowledges. */
function taken(count: number) {
  const frames: string[] = [];
  const acknowledger = openAcknowledger(
    { ack: ({ fields }, upTo) => void frames.push(`${upTo ? "up to " : ""}${fields.deliveryTag}`) },
    () => {},
  );
  const acknowledge = Array.from({ length: count }, (_, i) => acknowledger.take(message(i + 1)));
  const settle = (...tags: number[]) => {
    for (const tag of tags) acknowledge[tag - 1]?.();
  };
  return { acknowledger, frames, settle };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("all that is settled from the oldest on goes in one frame, settled in any order", async () => {
  const { frames, settle } = taken(5);
  settle(3, 1, 2);
  expect(frames).toEqual([]);
  await turn();
  expect(frames).toEqual(["up to 3"]);
});

test("a delivery behind an unsettled one is acknowledged by itself, once", async () => {
  const { frames, settle } = taken(6);
  settle(2, 4, 5);
  await turn();
  expect(frames.splice(0)).toEqual(["2", "4", "5"]);
  settle(2, 4);
  settle(1);
  await turn();
  expect(frames.splice(0)).toEqual(["1"]);
  settle(3, 6);
  await turn();
  expect(frames).toEqual(["up to 6"]);
});

test("each turn of the event loop writes what it settled", async () => {
  const { frames, settle } = taken(3);
  settle(1);
  await turn();
  settle(2, 3);
  await turn();
  expect(frames).toEqual(["1", "up to 3"]);
});

test("after a flush and the end nothing is written", async () => {
  const { acknowledger, frames, settle } = taken(2);
  settle(1);
  acknowledger.flush();
  acknowledger.end();
  settle(2);
  await turn();
  acknowledger.flush();
  expect(frames).toEqual(["1"]);
});

test("in any order of settling, each is acknowledged exactly once and none before its time", async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { frames, settle } = taken(20);
    let state = seed;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const order = Array.from({ length: 20 }, (_, i) => i + 1).sort(() => random() - 0.5);
    const settled = new Set<number>();
    const acknowledged = new Set<number>();
    for (const tag of order) {
      settle(tag);
      settled.add(tag);
      if (random() < 0.6) continue;
      await turn();
      for (const frame of frames.splice(0)) {
        const upTo = Number(frame.replace("up to ", ""));
        for (let each = frame.startsWith("up to ") ? 1 : upTo; each <= upTo; each++) {
          expect(settled).toContain(each);
          acknowledged.add(each);
        }
      }
      expect(acknowledged).toEqual(settled);
    }
  }
});

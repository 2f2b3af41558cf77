import { limits } from "@pedidos/domain";
import type { OutgoingMessage } from "@pedidos/messaging";
import { expect, test } from "vitest";
import { deliverByAmqp } from "./deliver-by-amqp.ts";
import type { Sendable } from "./gather-chunks.ts";

const sendable = (orderId: number, size: number): Sendable => ({
  ...{ line: orderId, original: Buffer.alloc(0), orderId, body: "x".repeat(size) },
});

test("by the broker: a message holds no more bytes than the consumer takes", async () => {
  const messages: OutgoingMessage[] = [];
  const deliver = deliverByAmqp({
    publish: async (message) => {
      messages.push(message);
      return "confirmed";
    },
    status: () => "up",
  });
  const orders = Array.from({ length: 200 }, (_, index) => sendable(index + 1, index < 100 ? 40_000 : 10));
  const largest = sendable(201, limits.bytes);
  expect(await deliver([...orders, largest])).toEqual({ accepted: 201, rejected: [] });
  const sizes = messages.map(({ body }) => body.length);
  expect(Math.max(...sizes)).toBe(limits.bytes);
  expect(messages.length).toBeLessThan(9);
});

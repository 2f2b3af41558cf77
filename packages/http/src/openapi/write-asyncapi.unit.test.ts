import { recordedEvent, rejectedEvent, strict } from "@pedidos/contract";
import { eventMessages, ordersMessage, topology } from "@pedidos/messaging";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { writeAsyncapi } from "./write-asyncapi.ts";

const { channels } = JSON.parse(JSON.stringify(writeAsyncapi()));
const at = "2026-11-24T12:00:00.123456Z";
const recordedOrder = { orderId: 1001, customerId: 1, total: "120.00", itemCount: 2, recordedAt: at };
const rejection = { rejectionId: 9, orderId: null, reason: "invalid_json", source: "http", firstSeenAt: at } as const;

test("announced messages match the document, with its exchange, key and type", () => {
  for (const { exchange, routingKey, contentType, body } of eventMessages([
    recordedEvent(recordedOrder),
    rejectedEvent(rejection),
  ])) {
    const channel = channels[routingKey.replace("order.", "")];
    expect([channel.address, channel.bindings.amqp.exchange.name]).toEqual([routingKey, exchange]);
    const { payload, contentType: told } = channel.messages[routingKey];
    expect(told).toBe(contentType);
    expect(Value.Errors(strict(payload), JSON.parse(body.toString()))).toEqual([]);
  }
});

test("an event of one kind is none of the other", () => {
  const { payload } = channels.recorded.messages["order.recorded"];
  expect(Value.Check(payload, [recordedEvent(recordedOrder)])).toBe(true);
  expect(Value.Check(payload, [rejectedEvent(rejection)])).toBe(false);
});

test("orders go where the document says, as one of its messages", () => {
  const text = '{"orderId":1,"customerId":1,"items":[{"product":"a","quantity":1,"unitPrice":"1.00"}]}';
  const order = { body: Buffer.from(text), source: "http" } as const;
  const [one, two] = [ordersMessage([order]), ordersMessage([order, order])];
  const { messages, bindings } = channels.intake;
  expect([one.routingKey, one.contentType, two.contentType]).toEqual([
    bindings.amqp.queue.name,
    messages.order.contentType,
    messages.orders.contentType,
  ]);
  expect(Value.Errors(messages.order.payload, JSON.parse(text))).toEqual([]);
});

test("its exchanges, and the queue that is ours, are declared", () => {
  const declared = [...topology.exchanges, ...topology.queues].map(({ name }): string => name);
  const { submitted, intake, recorded, rejected } = channels;
  const exchanges = [submitted, recorded, rejected].map(({ bindings }) => bindings.amqp.exchange.name);
  expect(declared).toEqual(expect.arrayContaining([...exchanges, intake.address]));
  expect(topology.bindings.map(({ routingKey }): string => routingKey)).toContain(submitted.address);
});

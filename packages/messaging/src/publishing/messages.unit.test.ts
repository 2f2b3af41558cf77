import { type OrderRecorded, recordedEvent, rejectedEvent } from "@pedidos/contract";
import { expect, test } from "vitest";
import { deadLetterMessage, eventMessages, ordersMessage } from "./messages.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const recorded = (orderId: number): OrderRecorded => ({
  orderId,
  customerId: 7,
  total: "120.00",
  itemCount: 2,
  recordedAt: "2026-11-24T12:00:00.123456Z",
});
const rejected = {
  rejectionId: 3,
  orderId: null,
  reason: "invalid_json",
  source: "pedidos",
  firstSeenAt: "2026-11-24T12:00:00Z",
} as const;

test("one order travels alone as JSON, to the queue itself", () => {
  expect(ordersMessage([{ body: bytes("{}"), source: "http" }])).toEqual({
    exchange: "",
    routingKey: "orders.intake",
    body: bytes("{}"),
    contentType: "application/json",
    source: "http",
  });
});

test("several orders travel as lines", () => {
  const message = ordersMessage(['{"a":1}', '{"b":2}'].map((text) => ({ body: bytes(text), source: "replay" })));
  expect(new TextDecoder().decode(message.body)).toBe('{"a":1}\n{"b":2}\n');
  expect(message).toMatchObject({ contentType: "application/x-ndjson", source: "replay" });
});

test("says where somebody waits for an order in it", () => {
  expect(ordersMessage([{ body: bytes("{}"), source: "http", awaited: true }])).toMatchObject({ awaited: true });
  expect(ordersMessage([{ body: bytes("{}"), source: "http", awaited: false }])).not.toHaveProperty("awaited");
});

test("no order is no message", () => {
  expect(() => ordersMessage([])).toThrow();
});

test("events travel in one message a kind, at most 500 in each", () => {
  const orders = Array.from({ length: 1001 }, (_, i) => recordedEvent(recorded(i + 1)));
  const messages = eventMessages([...orders, rejectedEvent(rejected)]);
  const read = messages.map(({ routingKey, body }) => [routingKey, JSON.parse(new TextDecoder().decode(body)).length]);
  expect(read).toEqual([
    ["order.recorded", 500],
    ["order.recorded", 500],
    ["order.recorded", 1],
    ["order.rejected", 1],
  ]);
  for (const message of messages)
    expect(message).toMatchObject({
      exchange: "orders.events",
      contentType: "application/cloudevents-batch+json",
      mandatory: false,
    });
});

test("an event has the contract's attributes and no others", () => {
  const [first, last] = eventMessages([recordedEvent(recorded(1)), rejectedEvent(rejected)]).map(({ body }) =>
    JSON.parse(new TextDecoder().decode(body)),
  );
  expect(first).toEqual([
    {
      specversion: "1.0",
      id: "order.recorded:1",
      source: "pedidos",
      type: "order.recorded",
      subject: "orders/1",
      time: "2026-11-24T12:00:00.123456Z",
      datacontenttype: "application/json",
      data: recorded(1),
    },
  ]);
  expect(last[0]).toMatchObject({ id: "order.rejected:3", type: "order.rejected", time: rejected.firstSeenAt });
  expect(last[0]).not.toHaveProperty("subject");
});

test("no event makes no message", () => {
  expect(eventMessages([])).toEqual([]);
});

test("a dead letter keeps its bytes, and its queue's name as its key", () => {
  const body = bytes("x".repeat(10));
  expect(deadLetterMessage(body, "pedidos")).toMatchObject({ exchange: "orders.dead", routingKey: "pedidos", body });
});

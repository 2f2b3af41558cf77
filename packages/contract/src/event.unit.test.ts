import { expect, test } from "vitest";
import { recordedEvent, rejectedEvent } from "./event.ts";

test("a recorded order", () => {
  const recordedAt = "2026-11-24T12:00:00.123456Z";
  const recorded = { orderId: 1001, customerId: 1, total: "120.00", itemCount: 2, recordedAt };
  expect(recordedEvent(recorded)).toStrictEqual({
    specversion: "1.0",
    id: "order.recorded:1001",
    source: "pedidos",
    type: "order.recorded",
    subject: "orders/1001",
    time: recordedAt,
    datacontenttype: "application/json",
    data: recorded,
  });
});

const firstSeenAt = "2026-11-24T12:00:01Z";
const rejected = { rejectionId: 9, orderId: 1001, reason: "order_conflict", source: "http", firstSeenAt } as const;

test("a rejected order; the data are exactly the contract's", () => {
  expect(rejectedEvent(rejected)).toStrictEqual({
    specversion: "1.0",
    id: "order.rejected:9",
    source: "pedidos",
    type: "order.rejected",
    subject: "orders/1001",
    time: firstSeenAt,
    datacontenttype: "application/json",
    data: { rejectionId: 9, orderId: 1001, reason: "order_conflict", source: "http" },
  });
});

test("a rejection without an order id has no subject", () => {
  const event = rejectedEvent({ ...rejected, orderId: null, reason: "invalid_json" });
  expect(event).not.toHaveProperty("subject");
  expect(event.data).toStrictEqual({ rejectionId: 9, orderId: null, reason: "invalid_json", source: "http" });
});

test("fields beyond the contract's are not announced", () => {
  const extended = { ...rejected, body: "secret" };
  expect(JSON.stringify(rejectedEvent(extended))).not.toContain("secret");
});

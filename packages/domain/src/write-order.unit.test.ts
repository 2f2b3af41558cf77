import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryOrder } from "./arbitrary-order.ts";
import { readOrder } from "./read-order.ts";
import { writeOrder } from "./write-order.ts";

test("the canonical text", () => {
  const items = [
    { product: 'say "lápis"', quantity: 100, priceUnits: 11_000 },
    { product: "caderno", quantity: 10, priceUnits: 10_050 },
  ];
  expect(writeOrder({ orderId: 1001, customerId: 1, placedAt: "2026-11-24T12:00:00Z", items })).toBe(
    '{"orderId":1001,"customerId":1,"placedAt":"2026-11-24T12:00:00Z","items":[' +
      '{"product":"say \\"lápis\\"","quantity":100,"unitPrice":"1.10"},' +
      '{"product":"caderno","quantity":10,"unitPrice":"1.005"}]}',
  );
  expect(writeOrder({ orderId: 2, customerId: 3, placedAt: null, items: items.slice(1) })).toBe(
    '{"orderId":2,"customerId":3,"items":[{"product":"caderno","quantity":10,"unitPrice":"1.005"}]}',
  );
});

test("what is written is read as the same order", () => {
  fc.assert(
    fc.property(arbitraryOrder, (order) => {
      const bytes = new TextEncoder().encode(writeOrder(order));
      expect(readOrder(bytes)).toStrictEqual({ kind: "order", order });
    }),
  );
});

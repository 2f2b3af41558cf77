import { Customer, Difference } from "@pedidos/contract";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { shapeOf } from "./shape-of.ts";

const customer = { customerId: 1, orderCount: 1, totalValue: "1.00", firstOrderAt: null, lastOrderAt: null };

test("an answer with every member, each of its type, is understood, with any bounds and words", () => {
  const shape = shapeOf(Customer);
  expect(Value.Check(shape, customer)).toBe(true);
  // Sums may be negative where the replaced system's were, or where a row was damaged.
  expect(Value.Check(shape, { ...customer, totalValue: "-1.00", orderCount: -1, more: true })).toBe(true);
  expect(Value.Check(shapeOf(Difference), { line: 1, orderId: 1, verdict: "lost" })).toBe(true);
});

test("one with a member missing, or of another type, is not", () => {
  const { lastOrderAt: _, ...rest } = customer;
  expect(Value.Check(shapeOf(Customer), rest)).toBe(false);
  expect(Value.Check(shapeOf(Customer), { ...customer, orderCount: "1" })).toBe(false);
});

import { expect, test } from "vitest";
import { rememberIds } from "./remember-ids.ts";

const order = (orderId: number, product = "pen") => ({
  ...{ orderId, customerId: 7, placedAt: null },
  items: [{ product, quantity: 1, priceUnits: 1 }],
});

test("remembers as many orders as it says, and at most twice as many", () => {
  const ids = rememberIds(10_000);
  const idOf = (index: number) => index * 4_294_967_296 + 1;
  for (let index = 0; index < 25_000; index++) expect(ids.add(idOf(index), order(idOf(index)))).toBe("first");
  expect(ids.add(idOf(24_999), order(idOf(24_999)))).toBe("same");
  expect(ids.add(idOf(15_000), order(idOf(15_000), "ink"))).toBe("other");
  expect(ids.add(idOf(0), order(idOf(0), "ink"))).toBe("first");
});

test("an order that was rejected is the same as no other", () => {
  const ids = rememberIds();
  expect([ids.add(1, null), ids.add(1, order(1)), ids.add(1, null)]).toEqual(["first", "other", "other"]);
});

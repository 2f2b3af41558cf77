import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryOrder } from "./arbitrary-order.ts";
import { orderContent } from "./identity.ts";
import type { Order } from "./order.ts";
import { parseOrder } from "./parse-order.ts";

function order(value: unknown): Order {
  const parsed = parseOrder(value);
  if (parsed.kind !== "order") throw new Error(JSON.stringify(parsed.faults));
  return parsed.order;
}

const first = { product: "ab", quantity: 10, unitPrice: 1.1 };
const second = { product: "lápis", quantity: 2, unitPrice: 3 };
const given = { orderId: 5, customerId: 7, placedAt: "2026-01-02T03:04:05Z", items: [first, second] };

test("the text is fixed: hashes of it are stored", () => {
  expect(orderContent(order(given))).toBe('[7,["ab",10,11000],["lápis",2,30000]]');
});

describe("the same order, however it is written", () => {
  test.each([
    [
      "prices as strings",
      {
        items: [
          { ...first, unitPrice: "1.10" },
          { ...second, unitPrice: "3.0000" },
        ],
      },
    ],
    ["another placedAt", { placedAt: "2027-05-06T07:08:09Z" }],
    ["no placedAt", { placedAt: undefined }],
    ["another id, which is compared by its lookup", { orderId: 6 }],
  ])("%s", (_, change) => {
    expect(orderContent(order({ ...given, ...change }))).toBe(orderContent(order(given)));
  });
});

describe("another order", () => {
  test.each([
    ["another price", { items: [{ ...first, unitPrice: 1.1001 }, second] }],
    ["another customer", { customerId: 8 }],
    ["another quantity", { items: [{ ...first, quantity: 11 }, second] }],
    ["another product", { items: [{ ...first, product: "aB" }, second] }],
    ["items in another order", { items: [second, first] }],
    ["an item more", { items: [first, second, { product: "gift", quantity: 1, unitPrice: 0 }] }],
    ["an item less", { items: [first] }],
    ["another normal form", { items: [first, { ...second, product: "la\u0301pis" }] }],
    ["a space at the end", { items: [first, { ...second, product: "lápis " }] }],
    ["an item split in two", { items: [{ ...first, quantity: 4 }, { ...first, quantity: 6 }, second] }],
    ["the same total from other numbers", { items: [{ ...first, quantity: 11, unitPrice: 1 }, second] }],
    [
      "letters moved between products",
      {
        items: [
          { ...first, product: "a" },
          { ...second, product: "blápis" },
        ],
      },
    ],
    ["a product that looks like the text itself", { items: [{ ...first, product: 'ab",10,11000],["lápis' }] }],
  ])("%s", (_, change) => {
    expect(orderContent(order({ ...given, ...change }))).not.toBe(orderContent(order(given)));
  });
});

test("the content can be read back from the text, so different contents have different texts", () => {
  fc.assert(
    fc.property(arbitraryOrder, (o) => {
      const content = [o.customerId, ...o.items.map((i) => [i.product, i.quantity, i.priceUnits])];
      expect(JSON.parse(orderContent(o))).toEqual(content);
    }),
  );
});

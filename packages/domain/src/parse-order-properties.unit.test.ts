import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryOrder } from "./arbitrary-order.ts";
import { english, portuguese } from "./dialect.ts";
import { parseOrder } from "./parse-order.ts";

const POINTER = /^(\/([^~/]|~[01])*)*$/;
const words = [...Object.values(english), ...Object.values(portuguese)].filter((word) => typeof word === "string");

/** Any JSON value, with the keys of an order more often than chance would have it. */
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.jsonValue(),
    fc.constantFrom<unknown>(-0, 0, 1, 1.5, Number.POSITIVE_INFINITY, "1.10", "", "\ud800", null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...words, "__proto__", "constructor", "a/b~c"), fc.string()), tie("value"), {
      maxKeys: 8,
    }),
  ),
}));

/** An order of which one field, at any depth, has become something else. */
const spoiltOrder = fc
  .tuple(arbitraryOrder, anyValue, fc.constantFrom("orderId", "customerId", "placedAt", "items", "new"), fc.nat(9))
  .map(([order, value, key, deep]) => {
    const items = order.items.map(({ product, quantity }) => ({ product, quantity, unitPrice: 1 }));
    const wrongItem = { ...items[0], [["product", "quantity", "unitPrice", "new"][deep % 4] ?? ""]: value };
    return deep < 5 ? { ...order, items, [key]: value } : { ...order, items: [wrongItem, ...items] };
  });

test.each([
  ["english", english],
  ["portuguese", portuguese],
])("%s: for any value an order or 1 to 100 faults, each with a pointer and a short detail", (_, dialect) => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.oneof(anyValue, spoiltOrder), (value) => {
      const before = JSON.stringify(value);
      const parsed = parseOrder(value, dialect);
      kinds.add(parsed.kind);
      expect(JSON.stringify(value)).toBe(before);
      if (parsed.kind === "order") return;
      expect(parsed.faults.length).toBeGreaterThanOrEqual(1);
      expect(parsed.faults.length).toBeLessThanOrEqual(100);
      for (const { pointer, detail } of parsed.faults) {
        expect(pointer).toMatch(POINTER);
        expect(detail.length).toBeGreaterThan(10);
        expect(detail.length).toBeLessThan(200);
      }
    }),
  );
  expect(kinds).toContain("faults");
});

test("a pointer names the wrong value, or the parent of a missing one", () => {
  fc.assert(
    fc.property(spoiltOrder, (value) => {
      const parsed = parseOrder(value);
      if (parsed.kind === "order") return;
      for (const { pointer } of parsed.faults) {
        const keys = pointer
          .split("/")
          .slice(1)
          .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
        let at: unknown = value;
        for (const key of keys) {
          expect(at).toBeTypeOf("object");
          at = at !== null && typeof at === "object" ? Object.getOwnPropertyDescriptor(at, key)?.value : undefined;
        }
      }
    }),
  );
});

test("a good order is read as what it is, in both dialects", () => {
  fc.assert(
    fc.property(arbitraryOrder, (order) => {
      for (const words of [english, portuguese]) {
        const items = order.items.map((item) => ({
          [words.product]: item.product,
          [words.quantity]: item.quantity,
          [words.unitPrice]: item.priceUnits / 10_000,
        }));
        const value = { [words.orderId]: order.orderId, [words.customerId]: order.customerId, [words.items]: items };
        const expected = { kind: "order", order: { ...order, placedAt: null } };
        expect(parseOrder(value, words)).toStrictEqual(expected);
      }
    }),
  );
});

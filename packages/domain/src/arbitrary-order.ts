import fc from "fast-check";
import { limits, type Order, type OrderItem } from "./order.ts";

const plain = { noNullPrototype: true } as const;

/** Integers from 1 to `max`, small ones and the edges more often than chance would have it. */
const upTo = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max }), fc.constantFrom(1, max - 1, max));

export const arbitraryPriceUnits: fc.Arbitrary<number> = fc.oneof(
  upTo(limits.priceUnits),
  fc.integer({ min: 0, max: 100_000 }),
  fc.constantFrom(0, 11_000, 10_050, 3_350),
);

/** Names that an order may hold, in any script, with odd but allowed characters among them. */
const arbitraryProduct: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: limits.productLength, size: "max" }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
    fc.constantFrom("lápis", "la\u0301pis", "\u{1F600}".repeat(200), "x".repeat(200), "__proto__", '"\\/', "\u2028"),
  )
  .filter((text) => text.trim() !== "" && !text.includes("\u0000") && [...text].length <= limits.productLength);

const arbitraryItem: fc.Arbitrary<OrderItem> = fc.record(
  {
    product: arbitraryProduct,
    quantity: upTo(limits.quantity),
    priceUnits: arbitraryPriceUnits,
  },
  plain,
);

/** UTC texts as `readInstant` gives them: at most microseconds, no trailing zeros. */
export const arbitraryInstant: fc.Arbitrary<string> = fc
  .tuple(
    fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999_999 }),
  )
  .map(([date, microseconds]) => {
    const fraction = `.${String(microseconds).padStart(6, "0")}`.replace(/\.?0+$/, "");
    return `${date.toISOString().slice(0, 19)}${fraction}Z`;
  });

export const arbitraryOrder: fc.Arbitrary<Order> = fc.record(
  {
    orderId: upTo(limits.id),
    customerId: upTo(limits.id),
    placedAt: fc.option(arbitraryInstant),
    items: fc.array(arbitraryItem, { minLength: 1, maxLength: 8 }),
  },
  plain,
);

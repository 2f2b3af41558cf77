import fc from "fast-check";
import Value from "typebox/value";
import { describe, expect, test } from "vitest";
import { OrderInput } from "./order.ts";
import { parseOrder } from "./parse-order.ts";

const field = <Good, Bad>(good: readonly Good[], bad: readonly Bad[]) =>
  fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) });
const plain = { noNullPrototype: true } as const;

const id = field([1, 7, 9007199254740991], [0, -1, 1.5, "7", null, true, 9007199254740992, 1e16]);
const itemFields = {
  product: field(["a", "lápis", "x".repeat(200), " a"], ["", " ", "\u3000", "x".repeat(201), "a\u0000b", 5, null, []]),
  quantity: field([1, 1e9], [0, -1, 1.5, "3", 1e9 + 1, null, {}]),
  unitPrice: field([0, 1.1, 99999999999.9999, "1.10", "0"], [-1, 1e11, "-1", "1.", "1.00001", "1\n", null, []]),
};
const item = fc.oneof(
  { weight: 20, arbitrary: fc.record(itemFields, plain) },
  { weight: 1, arbitrary: fc.record({ ...itemFields, colour: fc.constant("red") }, { ...plain, requiredKeys: [] }) },
);
const items = fc.oneof(
  { weight: 20, arbitrary: fc.array(item, { maxLength: 3 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      [],
      {},
      null,
      [5],
      [null],
      Array(1001).fill({ product: "a", quantity: 1, unitPrice: 1 }),
    ),
  },
);
const placedAt = field(
  ["2026-11-24T12:00:00Z", "2026-11-24T12:00:00.5-03:00"],
  ["yesterday", "2026-13-01T00:00:00Z", 5],
);
const order = { orderId: id, customerId: id, placedAt, items };
const input = fc.oneof(
  fc.record(order, { ...plain, requiredKeys: ["orderId", "customerId", "items"] }),
  fc.record({ ...order, note: fc.constant(1) }, { ...plain, requiredKeys: ["items"] }),
);
test("the schema and the parser agree on what an order is", () => {
  const seen = { good: 0, bad: 0 };
  fc.assert(
    fc.property(input, (value) => {
      const isOrder = parseOrder(value).kind === "order";
      expect(Value.Check(OrderInput, value)).toBe(isOrder);
      seen[isOrder ? "good" : "bad"]++;
    }),
    { numRuns: 3_000 },
  );
  expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(100);
});

describe("what the parser refuses and a schema can't say", () => {
  const good = { product: "a", quantity: 1, unitPrice: 1 };
  test.each([
    ["a price of -0", { items: [{ ...good, unitPrice: -0 }] }],
    ["a number of 5 decimals", { items: [{ ...good, unitPrice: 1.00001 }] }],
    ["a lone surrogate", { items: [{ ...good, product: "a\ud800" }] }],
    ["a year before 0001", { placedAt: "0000-01-01T00:00:00Z" }],
  ])("%s", (_, change) => {
    const value = { orderId: 1, customerId: 1, items: [good], ...change };
    expect(Value.Check(OrderInput, value)).toBe(true);
    expect(parseOrder(value).kind).toBe("faults");
  });
});

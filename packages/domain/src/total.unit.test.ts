import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryOrder } from "./arbitrary-order.ts";
import { formatUnits } from "./money.ts";
import type { Order } from "./order.ts";
import { parseOrder } from "./parse-order.ts";
import { totalUnits } from "./total.ts";

type Row = { readonly lines: string; readonly total: string };

const BIG = "99999999999.9999";
/** Each line is `quantity×price`, and may be repeated by a number in front: `10*1×0.10`. */
const TOTALS: readonly Row[] = [
  { lines: "3×0.1", total: "0.30" },
  { lines: "10*1×0.10", total: "1.00" },
  { lines: "1×1.005", total: "1.005" },
  { lines: "3×0.335", total: "1.005" },
  { lines: "123456789×1.005", total: "124074072.945" },
  { lines: `1000000000×${BIG}`, total: "99999999999999900000.00" },
  { lines: `1000*1000000000×${BIG}`, total: "99999999999999900000000.00" },
  { lines: `999999999×${BIG}`, total: "99999999899999900000.0001" },
  { lines: `1000*999999999×${BIG}`, total: "99999999899999900000000.10" },
  { lines: "1×19.99 1×4.35 1×0.07 1×8.2 1×1.15", total: "33.76" },
  { lines: "100×19.99 100×4.35 100×0.07 100×8.2 100×1.15", total: "3376.00" },
  { lines: "100×1.10 10×1.00", total: "120.00" },
  { lines: "1×0.1 1×0.2", total: "0.30" },
  { lines: "7×0", total: "0.00" },
  { lines: "1×0 1×0.01", total: "0.01" },
  { lines: "1×0.0001", total: "0.0001" },
  { lines: "10×0.0001", total: "0.001" },
  { lines: "1×1.2300", total: "1.23" },
  { lines: "2×1.2345", total: "2.469" },
  { lines: "3×8.2", total: "24.60" },
  { lines: "100×0.29", total: "29.00" },
  { lines: "1000000000×9007199.2547", total: "9007199254700000.00" },
  { lines: "1×90071992547.4099 1×0.0001", total: "90071992547.41" },
  // 2^53 units are 900719925474.0992: beyond them a double loses every other one.
  { lines: "9×99999999999.9999 1×719925475.0000 1×0.0001 1×0.0001 1×0.0001", total: "900719925474.9994" },
  { lines: "10×90071992547.4099 1×0.0001 1×0.0001 1×0.0001", total: "900719925474.0993" },
  { lines: "999*1×0.01", total: "9.99" },
  { lines: "1000*1×0.0001", total: "0.10" },
];

function orderOf(lines: string, write: (price: string) => unknown): Order {
  const items = lines.split(" ").flatMap((line) => {
    const [, count = "1", quantity, price = ""] = /^(?:(\d+)\*)?(\d+)×(.+)$/.exec(line) ?? [];
    const item = { product: "a", quantity: Number(quantity), unitPrice: write(price) };
    return Array.from({ length: Number(count) }, () => item);
  });
  const parsed = parseOrder({ orderId: 1, customerId: 1, items });
  if (parsed.kind !== "order") throw new Error(JSON.stringify(parsed.faults));
  return parsed.order;
}

describe("totalUnits is the exact sum", () => {
  test.each(TOTALS)("$lines = $total", ({ lines, total }) => {
    expect(formatUnits(totalUnits(orderOf(lines, (price) => price)))).toBe(total);
    expect(formatUnits(totalUnits(orderOf(lines, Number)))).toBe(total);
  });

  test("of any order, as summed in BigInt", () => {
    fc.assert(
      fc.property(arbitraryOrder, (order) => {
        const expected = order.items.reduce((sum, i) => sum + BigInt(i.quantity) * BigInt(i.priceUnits), 0n);
        expect(totalUnits(order)).toBe(expected);
      }),
    );
  });

  test("across 2^53, wherever the sum crosses it", () => {
    const near = fc.integer({ min: 2 ** 52, max: Number.MAX_SAFE_INTEGER });
    const item = fc.record({
      product: fc.constant("a"),
      quantity: fc.integer({ min: 1, max: 20 }),
      priceUnits: fc.oneof(
        near.map((units) => Math.floor(units / 16)),
        fc.integer({ min: 0, max: 9 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 30 }), (items) => {
        const expected = items.reduce((sum, i) => sum + BigInt(i.quantity) * BigInt(i.priceUnits), 0n);
        expect(totalUnits({ orderId: 1, customerId: 1, placedAt: null, items })).toBe(expected);
      }),
    );
  });
});

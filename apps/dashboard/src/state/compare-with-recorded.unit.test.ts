import type { RecordedOrder } from "@pedidos/contract";
import { type Order, parseOrder } from "@pedidos/domain";
import { describe, expect, test } from "vitest";
import { compareWithRecorded, foreseeReplay } from "./compare-with-recorded.ts";

const item = (product: string, quantity = 1, unitPrice = "1.00") => ({ product, quantity, unitPrice });
const [a, b, c, x] = [item("a"), item("b"), item("c"), item("x")];

function order(items: object[], customerId = 1): Order {
  const parsed = parseOrder({ orderId: 1, customerId, items });
  if (parsed.kind !== "order") throw new Error(JSON.stringify(parsed));
  return parsed.order;
}
function recorded(items: RecordedOrder["items"], total = "3.00"): RecordedOrder {
  return { orderId: 1, customerId: 1, total, items, placedAt: null, recordedAt: "", status: "recorded" };
}
const products = (items: object[]) =>
  compareWithRecorded(recorded([a, b, c]), order(items)).lines.map((line) => [
    line.line,
    line.recorded?.product,
    line.came?.product,
  ]);

describe("a conflict beside what is recorded", () => {
  test.each([
    ["the same", [a, b, c], []],
    ["one changed", [a, x, c], [[2, "b", "x"]]],
    ["one inserted", [x, a, b, c], [[1, undefined, "x"]]],
    ["one left out", [a, c], [[2, "b", undefined]]],
    ["one more at the end", [a, b, c, c], [[4, undefined, "c"]]],
  ])("%s", (_, items, lines) => {
    expect(products(items)).toEqual(lines);
  });

  test("customer and total stand beside each other, exact", () => {
    const compared = compareWithRecorded(recorded([a, b, c]), order([a, b, item("c", 3, "0.1001")], 2));
    expect(compared).toMatchObject({
      customerId: { recorded: 1, came: 2 },
      total: { recorded: "3.00", came: "2.3003" },
      equalLines: 2,
    });
  });

  test("an order that was taken over has no lines to compare", () => {
    const { lines } = compareWithRecorded(recorded([]), order([a]));
    expect(lines).toMatchObject([{ line: 1, recorded: null, came: { product: "a" } }]);
  });
});

test("what would become of it is foreseen by the rule of identity", () => {
  const conflict = { reason: "order_conflict", orderId: 1 };
  expect(foreseeReplay(order([a, x, c]), conflict, recorded([a, b, c]))).toBe("conflict");
  expect(foreseeReplay(order([a, b, { ...c, unitPrice: 1 }]), conflict, recorded([a, b, c]))).toBe("same");
  expect(foreseeReplay(order([a, b, c], 2), conflict, recorded([a, b, c]))).toBe("conflict");
  expect(foreseeReplay({ ...order([a, x, c]), orderId: 2 }, conflict, recorded([a, b, c]))).toBeUndefined();
  // Taken over: by customer and total, to the cent.
  expect(foreseeReplay(order([item("a", 1, "2.995")]), conflict, recorded([]))).toBe("same");
  expect(foreseeReplay(order([item("a", 1, "2.99")]), conflict, recorded([]))).toBe("conflict");
  // What is recorded may not be known.
  expect(foreseeReplay(order([a]), conflict, undefined)).toBe("conflict");
  expect(foreseeReplay(order([a]), { reason: "poison", orderId: 1 }, undefined)).toBeUndefined();
});

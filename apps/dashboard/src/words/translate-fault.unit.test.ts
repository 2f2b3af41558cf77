import { parseOrder, readOrder, portuguese as replaced, english as words } from "@pedidos/domain";
import { expect, test } from "vitest";
import { portugueseFaults } from "./portuguese-faults.ts";
import { translateFault } from "./translate-fault.ts";

const values = [
  undefined,
  null,
  true,
  0,
  -0,
  1.5,
  Number.POSITIVE_INFINITY,
  -3,
  1e21,
  "",
  "  ",
  "x",
  "x".repeat(300),
  "\u0000",
  "\ud800",
  [],
  {},
  [1],
  ["a"],
];
const good = { product: "a", quantity: 1, unitPrice: 1 };

/** Faults of every field with every kind of value. */
const orders: unknown[] = [
  ...values,
  ...values.flatMap((value) => [
    { orderId: value, customerId: value, placedAt: value, items: value, [`${value}`]: 1, ["k".repeat(201)]: 1 },
    { orderId: 1, customerId: 1, items: [value, { product: value, quantity: value, unitPrice: value, x: 1 }] },
  ]),
  { orderId: 1, customerId: 1, items: Array.from({ length: 1_001 }, () => good) },
];
const bodies = ["", "{", "\ufeff{}", "nope", "[1", "[".repeat(140_000)].map((text) => new TextEncoder().encode(text));

test("every fault that the domain makes is told in Portuguese", () => {
  const details = new Set([
    ...orders.flatMap((order) => [words, replaced].map((dialect) => parseOrder(order, dialect))).flatMap(faultsOf),
    ...[...bodies, new Uint8Array([0xff])].map((body) => readOrder(body)).flatMap(faultsOf),
  ]);
  // Recording makes these.
  details.add("the process or the database ended each time this was tried; it is not tried again");
  details.add("order 7 is recorded already, with another customer or other items; the recorded one stays as it is");
  expect(details.size).toBeGreaterThan(60);
  const untranslated = [...details].filter((detail) => translateFault(detail, portugueseFaults) === detail);
  expect(untranslated).toEqual([]);
  expect(translateFault("is 0; must be an integer from 1 to 9", portugueseFaults)).toBe(
    "é 0; deve ser um número inteiro de 1 a 9",
  );
});

test("what is not known, and what is in English, stays as it is", () => {
  expect(translateFault("is 0; must be something new", portugueseFaults)).toBe("is 0; must be something new");
  expect(translateFault("is 0", [])).toBe("is 0");
});

function faultsOf(parsed: ReturnType<typeof parseOrder> | ReturnType<typeof readOrder>): string[] {
  return parsed.kind === "order" ? [] : parsed.faults.map(({ detail }) => detail);
}

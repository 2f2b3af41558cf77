import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryPriceUnits } from "./arbitrary-order.ts";
import { dialectOf, english, portuguese } from "./dialect.ts";
import { formatUnits } from "./money.ts";
import { sources } from "./order.ts";
import { parseOrder } from "./parse-order.ts";
import { writtenOrder } from "./written-order.ts";

function priceOf(json: string, dialect = portuguese): string | readonly string[] {
  const parsed = parseOrder(JSON.parse(writtenOrder(dialect, { item: { unitPrice: json } })), dialect);
  if (parsed.kind === "faults") return parsed.faults.map((fault) => fault.pointer);
  return formatUnits(parsed.order.items[0]?.priceUnits ?? Number.NaN);
}

describe("a price that was computed in floating point is what it means", () => {
  test.each([
    ["0.30000000000000004", "0.30"],
    ["33.300000000000004", "33.30"],
    ["24.599999999999998", "24.60"],
    ["1.0000000009", "1.00"],
    ["0.9999999991", "1.00"],
    ["0.99990000000000001", "0.9999"],
    ["1.1e0", "1.10"],
    ["5e-324", "0.00"],
    ["1e-10", "0.00"],
    ["99999999999.9999", "99999999999.9999"],
    ["1234567.8912000002", "1234567.8912"],
  ])("%s → %s", (json, price) => {
    expect(priceOf(json)).toBe(price);
  });

  test.each([
    ...["1.00001", "0.00001", "1.0000000011", "0.3000001", "99999999999.99999", "1e11", "1e400"],
    ...["-0.0", "-1", "-1e-10", '"0.30000000000000004"', '"1.0000000009"'],
  ])("%s is a fault", (json) => {
    expect(priceOf(json)).toEqual(["/itens/0/preco"]);
  });

  test("the noise of sums and products", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 }), (prices) => {
        const sum = prices.reduce((total, units) => total + units / 10_000, 0);
        const units = prices.reduce((total, price) => total + price, 0);
        expect(priceOf(JSON.stringify(sum))).toBe(formatUnits(units));
      }),
    );
  });

  test("a price without noise is the same in both dialects", () => {
    fc.assert(
      fc.property(arbitraryPriceUnits, (units) => {
        const json = JSON.stringify(units / 10_000);
        expect(priceOf(json)).toBe(formatUnits(units));
        expect(priceOf(json, english)).toBe(formatUnits(units));
      }),
    );
  });
});

test.each(["0.30000000000000004", "33.300000000000004", "24.599999999999998", "1.0000000009", "5e-324"])(
  "%s is a fault in English",
  (json) => {
    expect(priceOf(json, english)).toEqual(["/items/0/unitPrice"]);
  },
);

describe("unknown keys are ignored", () => {
  test.each([
    '"observacao":"urgente","desconto":{"x":[1,null]}',
    '"placedAt":"never"',
    '"orderId":"x","items":[]',
    '"__proto__":{"codigoPedido":0}',
    `"${"k".repeat(100_000)}":1`,
  ])("%.60s", (extra) => {
    const parsed = parseOrder(JSON.parse(writtenOrder(portuguese, { extra, itemExtra: extra })), portuguese);
    expect(parsed).toStrictEqual(parseOrder(JSON.parse(writtenOrder(english))));
    expect(parsed.kind).toBe("order");
  });
});

test("our own words are unknown keys there, so they can't stand for the real ones", () => {
  expect(parseOrder(JSON.parse(writtenOrder(english)), portuguese)).toMatchObject({
    kind: "faults",
    faults: [{ pointer: "/codigoPedido" }, { pointer: "/codigoCliente" }, { pointer: "/itens" }],
    orderId: null,
  });
});

test("only the replaced system's queue keeps Portuguese bytes", () => {
  expect(sources.filter((source) => dialectOf(source) === portuguese)).toEqual(["pedidos"]);
  expect(sources.filter((source) => dialectOf(source) === english)).toEqual(["http", "replay", "orders.intake"]);
});

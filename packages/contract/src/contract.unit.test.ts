import type * as domain from "@pedidos/domain";
import { Value } from "typebox/value";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as contract from "./index.ts";

const schemas = Object.entries(contract).flatMap(([name, value]) =>
  typeof value === "object" && "examples" in value && Array.isArray(value.examples)
    ? [{ name, schema: contract.strict(value), examples: value.examples }]
    : [],
);

describe("every example is what its schema says, and no more", () => {
  test("there are some", () => expect(schemas.length).toBeGreaterThan(20));
  test.each(schemas)("$name", ({ schema, examples }) => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(Value.Errors(schema, example)).toEqual([]);
  });
  test("another member, or another type, is not", () => {
    const customer = { customerId: 1, orderCount: 1, totalValue: "1.00", firstOrderAt: null, lastOrderAt: null };
    const schema = contract.strict(contract.Customer);
    expect(Value.Check(schema, customer)).toBe(true);
    expect(Value.Check(schema, { ...customer, name: "ana" })).toBe(false);
    expect(Value.Check(schema, { ...customer, totalValue: 1 })).toBe(false);
    const page = { rejections: [{}], nextCursor: null };
    expect(Value.Check(contract.strict(contract.RejectionPage), page)).toBe(false);
  });
});

test("faults are those that the domain makes", () => {
  expectTypeOf<contract.Fault>().toEqualTypeOf<domain.Fault>();
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDecimal, formatUnits, roundUnitsToCent, unitsOfDecimal } from "./money.ts";

describe("formatUnits writes at least 2 and at most 4 decimals", () => {
  test.each([
    [0n, "0.00"],
    [1n, "0.0001"],
    [10n, "0.001"],
    [100n, "0.01"],
    [3_000n, "0.30"],
    [10_000n, "1.00"],
    [10_050n, "1.005"],
    [12_345n, "1.2345"],
    [1_200_000n, "120.00"],
    [999_999_999_999_999n, "99999999999.9999"],
    [999_999_999_999_999_000_000_000_000n, "99999999999999900000000.00"],
    [-1n, "-0.0001"],
    [-12_500n, "-1.25"],
  ])("%s → %s", (units, text) => {
    expect(formatUnits(units)).toBe(text);
    if (units <= Number.MAX_SAFE_INTEGER) expect(formatUnits(Number(units))).toBe(text);
  });

  test("what it writes has the contract's form, and reads as the same amount", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }), (units) => {
        const text = formatUnits(units);
        expect(text).toMatch(/^-?(0|[1-9][0-9]*)\.[0-9]{2}([0-9]?[1-9])?$/);
        expect(unitsOfDecimal(text)).toBe(units);
      }),
    );
  });
});

describe("formatDecimal writes a numeric of PostgreSQL as the contract does", () => {
  test.each([
    ["120.0000", "120.00"],
    ["120", "120.00"],
    ["0", "0.00"],
    ["0.0000", "0.00"],
    ["1.5", "1.50"],
    ["1.0050", "1.005"],
    ["1.23450000", "1.2345"],
    ["-5.1000", "-5.10"],
    ["99999999999999900000000.0001", "99999999999999900000000.0001"],
  ])("%s → %s", (text, written) => {
    expect(formatDecimal(text)).toBe(written);
  });

  test.each(["", "1.", ".5", "1.00001", "1e3", "NaN", "Infinity", "1,5", "1\n", " 1", "+1", "--1", "0x1"])(
    "%j is a bug of the caller, and thrown",
    (text) => {
      expect(() => unitsOfDecimal(text)).toThrow(RangeError);
    },
  );
});

describe("roundUnitsToCent rounds half a cent up", () => {
  test.each([
    [0n, 0n],
    [49n, 0n],
    [50n, 100n],
    [51n, 100n],
    [149n, 100n],
    [150n, 200n],
    [10_050n, 10_100n],
    [-49n, 0n],
    [-50n, 0n],
    [-51n, -100n],
    [-100n, -100n],
    [999_999_999_999_999_000_000_000_050n, 999_999_999_999_999_000_000_000_100n],
  ])("%s → %s", (units, rounded) => {
    expect(roundUnitsToCent(units)).toBe(rounded);
  });
});

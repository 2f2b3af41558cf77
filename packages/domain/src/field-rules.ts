import { UNITS } from "./money.ts";
import { limits } from "./order.ts";
import { readInstant } from "./placed-at.ts";

/** How one field is read. */
export type FieldRule<Value> = {
  /** What must stand there, to end the sentence "must be …". */
  readonly expected: string;
  /** → the value, or undefined if the rule is broken. `undefined` itself stands for a key that is missing. */
  readonly read: (value: unknown) => Value | undefined;
  /** The fault of a value that `read` refused, as in "is null"; short for every value. */
  readonly wrong: (value: unknown) => string;
};

function integerRule(max: number): FieldRule<number> {
  return {
    expected: `an integer from 1 to ${max}`,
    read: (value) =>
      typeof value === "number" && value >= 1 && value <= max && Number.isInteger(value) ? value : undefined,
    wrong: describe,
  };
}

export const idRule = integerRule(limits.id);
export const quantityRule = integerRule(limits.quantity);

export const placedAtRule: FieldRule<string | null> = {
  expected: "an RFC 3339 date-time in the years 0001 to 9999 (UTC), or be left out",
  read(value) {
    if (value === undefined) return null;
    return typeof value === "string" ? (readInstant(value) ?? undefined) : undefined;
  },
  wrong: (value) => (typeof value === "string" ? "is no such date-time" : describe(value)),
};

export const productRule: FieldRule<string> = {
  expected: `a string of 1 to ${limits.productLength} code points, not only white space, without U+0000 and lone surrogates`,
  read: (value) => (typeof value === "string" && wrongProduct(value) === undefined ? value : undefined),
  wrong: (value) => (typeof value === "string" ? (wrongProduct(value) ?? "is refused") : describe(value)),
};

function wrongProduct(text: string): string | undefined {
  if (isLongerThan(text, limits.productLength)) return `is longer than ${limits.productLength} code points`;
  if (text === "") return "is empty";
  if (text.trim() === "") return "is only white space";
  if (text.includes("\u0000")) return "contains U+0000";
  if (!text.isWellFormed()) return "contains a lone surrogate";
  return undefined;
}

/** Whether a text has more than `length` code points; inspects no more than twice as many code units. */
export function isLongerThan(text: string, length: number): boolean {
  if (text.length <= length) return false;
  if (text.length > 2 * length) return true;
  let count = 0;
  for (const _ of text) count++;
  return count > length;
}

const DECIMAL_STRING = /^[0-9]{1,11}(\.[0-9]{1,4})?$/;

/**
 * A price in units of 1/10000.
 *
 * @param noise how far a JSON number may lie from one with at most 4 decimals; with 0 it must be the very double that
 * such a number reads as. Strings have no noise.
 */
export function priceRule(noise: number): FieldRule<number> {
  const readNumber = (price: number): number | undefined => {
    if (!(price >= 0) || Object.is(price, -0)) return undefined;
    // Exact: up to 15 digits the product is less than half a unit off, and the quotient is correctly rounded.
    const units = Math.round(price * UNITS);
    return units <= limits.priceUnits && Math.abs(price - units / UNITS) <= noise ? units : undefined;
  };
  return {
    expected:
      'from 0 to 99999999999.9999 with at most 4 decimals, as a number (not -0) or as a decimal string like "1.10"',
    read(value) {
      if (typeof value === "number") return readNumber(value);
      if (typeof value === "string" && DECIMAL_STRING.test(value)) return Math.round(Number(value) * UNITS);
      return undefined;
    },
    wrong: (value) => (typeof value === "string" ? "is no such string" : describe(value)),
  };
}

/** What kind of JSON value it is, or which number: "is 1.5", "is a string", "is missing". */
export function describe(value: unknown): string {
  if (value === undefined) return "is missing";
  if (value === null || typeof value === "boolean") return `is ${value}`;
  if (Array.isArray(value)) return "is an array";
  if (typeof value === "string") return "is a string";
  if (typeof value !== "number") return "is an object";
  if (!Number.isFinite(value)) return "is a number beyond the range of a double";
  return Object.is(value, -0) ? "is -0" : `is ${value}`;
}

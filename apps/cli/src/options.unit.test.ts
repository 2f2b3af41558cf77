import { expect, test } from "vitest";
import { ID, idOption, numberOption, pathOption, timeOption } from "./options.ts";

const limit = numberOption("limit", "how many", { from: 1, to: 200, default: 50 });
const rate = numberOption("rate", "orders a second", { from: 0.1, to: 1_000, default: 20, fraction: true });

test("a number in range is taken", () => {
  expect(["1", "050", "200"].map(limit.coerce)).toEqual([1, 50, 200]);
  expect(["0.5", "1000"].map(rate.coerce)).toEqual([0.5, 1_000]);
  expect(limit.describe).toBe("how many, 1 to 200");
});

test.each(["", "0", "201", "-1", "1.5", "1e2", "0x10", "x", "NaN", "Infinity", " 1", "99999999999999999999"])(
  "%j is no limit",
  (text) => {
    expect(() => limit.coerce(text)).toThrow(
      `--limit is ${JSON.stringify(text)}; it must be an integer from 1 to 200.`,
    );
  },
);

test.each(["", "0", "0.01", "1001", "-1", "1e2", ".5", "1.", "x"])("%j is no rate", (text) => {
  expect(() => rate.coerce(text)).toThrow(/^--rate is .* it must be a number from 0.1 to 1000\.$/);
});

test("an id, and which option has none", () => {
  expect(ID.coerce("9007199254740991")).toBe(9007199254740991);
  for (const text of ["0", "1.5", "one", "-1", "01", "9007199254740992"]) {
    expect(() => ID.coerce(text)).toThrow(`${text} is no id`);
    expect(() => idOption("order", "").coerce(text)).toThrow(`--order: ${text} is no id`);
  }
});

test("an empty path names its option", () => {
  expect(pathOption("output", "").coerce("-")).toBe("-");
  expect(() => pathOption("output", "").coerce("")).toThrow("--output is empty");
});

test("a time is one that the server takes", () => {
  const { coerce } = timeOption("from", "");
  expect(coerce("2026-11-24T12:00:00-03:00")).toBe("2026-11-24T12:00:00-03:00");
  for (const text of ["", "yesterday", "2026-11-24", "2026-11-31T00:00:00Z"])
    expect(() => coerce(text)).toThrow(
      `--from is ${JSON.stringify(text)}; it must be an RFC 3339 time like 2026-11-24T12:00:00Z.`,
    );
});

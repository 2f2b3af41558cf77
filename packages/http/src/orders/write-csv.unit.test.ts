import { expect, test } from "vitest";
import { csvRow } from "./write-csv.ts";

test("cells are joined, numbers as they are, null is empty, rows end with CR LF", () => {
  expect(csvRow([1001, "120.00", null, -5, "2026-11-24T12:00:00Z"])).toBe("1001,120.00,,-5,2026-11-24T12:00:00Z\r\n");
});

test("commas, quotes and line ends are quoted", () => {
  expect(csvRow(["a,b", 'say "x"', "two\nlines", "plain"])).toBe('"a,b","say ""x""","two\nlines",plain\r\n');
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])("%j is no formula", (text) => {
  expect(csvRow([text]).replace(/^"/, "").startsWith("'")).toBe(true);
});

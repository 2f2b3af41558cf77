import { expect, test } from "vitest";
import { parseWait } from "./parse-prefer.ts";

test.each([
  ["wait=20", 20],
  ["respond-async, wait=20", 20],
  ["wait=20, handling=lenient", 20],
  ["WAIT=20", 20],
  ["wait = 20", 20],
  ['wait="20"', 20],
  ["wait=20; x=y", 20],
  ['foo="a, wait=1", wait=7', 7],
  ['foo="a\\", wait=1", wait=7', 7],
  ["wait=5, wait=9", 5],
  ["wait=0", 0],
  ["wait=31", 30],
  ["wait=99999999999999999999", 30],
  ["wait=abc", null],
  ["wait=1.5", null],
  ["wait=-1", null],
  ["wait", null],
  ["await=20", null],
  ["handling=strict", null],
  ["x; wait=20", null],
  ["", null],
  [",,,", null],
  ['"', null],
  [undefined, null],
])("Prefer: %s", (prefer, seconds) => {
  expect(parseWait(prefer)).toBe(seconds);
});

test("a long header of nonsense is read in no time", () => {
  const before = process.cpuUsage();
  for (const text of [
    '"'.repeat(16_000),
    "a=".repeat(8_000),
    ",".repeat(16_000),
    `"${"\\".repeat(16_000)}`,
    "\t ".repeat(8_000),
  ])
    expect(parseWait(text)).toBe(null);
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
});

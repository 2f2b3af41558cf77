import { expect, test } from "vitest";
import { cursorOf, writeCursor } from "./cursor.ts";

const position = { time: "2026-11-24T12:00:00.123456Z", number: 42 };
const encode = (text: string) => Buffer.from(text).toString("base64url");

test.each(["orders", "customer", "rejections", "audit", "recorded", "rejected"] as const)(
  "a cursor of %s comes back as it was, and is opaque",
  (kind) => {
    const text = writeCursor(kind, position);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(cursorOf(kind).parse(text)).toEqual(position);
  },
);

test.each([0, -1, -2147483648, Number.MAX_SAFE_INTEGER])("a page may end at the number %d", (number) => {
  expect(cursorOf("customer").parse(writeCursor("customer", { ...position, number }))).toEqual({ ...position, number });
});

test("a cursor of one list is not good for another", () => {
  expect(cursorOf("customer").parse(writeCursor("orders", position))).toBeUndefined();
  expect(cursorOf("rejections").parse(writeCursor("customer", position))).toBeUndefined();
});

test.each([
  "",
  "not-a-cursor",
  "====",
  "\u{1F4A9}",
  "\0",
  "eyJhIjoxfQ",
  "1'--",
  `${writeCursor("orders", position)}=`,
  ` ${writeCursor("orders", position)}`,
  encode("o 2026-11-24T12:00:00Z"),
  encode("o 2026-11-24T12:00:00Z 1 1"),
  encode("o 2026-02-30T12:00:00Z 1"),
  encode("o infinity 1"),
  encode("o 2026-11-24T12:00:00Z -0"),
  encode("o 2026-11-24T12:00:00Z --1"),
  encode("o 2026-11-24T12:00:00Z 01"),
  encode("o 2026-11-24T12:00:00Z 1e3"),
  encode("o 2026-11-24T12:00:00Z 9007199254740993"),
  encode("o 2026-11-24T12:00:00Z -9007199254740993"),
  encode("o 2026-11-24T12:00:00Z 99999999999999999999"),
])("%j is no cursor", (text) => {
  expect(cursorOf("orders").parse(text)).toBeUndefined();
});

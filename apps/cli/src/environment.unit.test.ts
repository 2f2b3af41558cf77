import { expect, test } from "vitest";
import { checkKey, readApiUrl } from "./environment.ts";

test.each([
  ["http://127.0.0.1:3000", "http://127.0.0.1:3000"],
  ["https://example.com/", "https://example.com"],
  ["https://example.com/some/path", "https://example.com/some/path"],
  ["https://example.com/some/path//", "https://example.com/some/path"],
])("%s is an API's, its path kept", (url, expected) => {
  expect(readApiUrl(url)).toBe(expected);
});

test.each([
  "",
  "x",
  "127.0.0.1:3000",
  "localhost:3000",
  "ftp://x",
  "http://",
  "http://h:x",
  "http://h?a=1",
  "http://s3cret@h",
])("%j is none, and is not repeated", (url) => {
  expect(() => readApiUrl(url)).toThrow(/^The URL of the API \(--url or PEDIDOS_URL\) (is|has|holds) .* Write it like/);
  expect(() => readApiUrl(url)).not.toThrow("s3cret");
});

test("a key is one if a header can hold it, and else is not repeated", () => {
  expect([checkKey(undefined), checkKey("abc+/=.~")]).toEqual([undefined, "abc+/=.~"]);
  for (const key of ["s3cret\n", "s3 cret", "s3crét"]) {
    expect(() => checkKey(key)).toThrow("PEDIDOS_KEY");
    expect(() => checkKey(key)).not.toThrow(key.trim());
  }
});

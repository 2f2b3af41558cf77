import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { english, portuguese } from "./dialect.ts";
import { findOrderId } from "./find-order-id.ts";
import { readOrder } from "./read-order.ts";
import { writtenOrder } from "./written-order.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const good = writtenOrder(english);

/** The good order, with these bytes where its first product's name stands. */
function withProduct(...bytes: number[]): Uint8Array {
  const [head = "", tail = ""] = good.split('"a"');
  return Uint8Array.from([...bytesOf(`${head}"`), ...bytes, ...bytesOf(`"${tail}`)]);
}
const nested = (levels: number, text: string) => bytesOf(`${"[".repeat(levels)}${text}${"]".repeat(levels)}`);
const utf16 = (text: string) => Uint8Array.from([...text].flatMap((letter) => [letter.charCodeAt(0), 0]));

const NOT_JSON: readonly (readonly [what: string, bytes: Uint8Array, detail: string])[] = [
  ["text", bytesOf("not json"), "is not JSON"],
  ["a cut-off object", bytesOf(good.slice(0, -1)), "is not JSON"],
  ["two objects", bytesOf(good + good), `is not JSON (at character ${good.length})`],
  ["NaN for a price", bytesOf(writtenOrder(english, { item: { unitPrice: "NaN" } })), "is not JSON"],
  ["Infinity for a price", bytesOf(writtenOrder(english, { item: { unitPrice: "Infinity" } })), "is not JSON"],
  ["a price with a leading zero", bytesOf(writtenOrder(english, { item: { unitPrice: "01" } })), "is not JSON"],
  ["a price of .5", bytesOf(writtenOrder(english, { item: { unitPrice: ".5" } })), "is not JSON"],
  ["single quotes", bytesOf(good.replaceAll('"', "'")), "is not JSON"],
  ["a trailing comma", bytesOf(good.replace(/}$/, ",}")), "is not JSON"],
  ["a raw control character in a string", withProduct(0x09), "is not JSON"],
  ["a bad escape", bytesOf(good.replace('"a"', '"\\x41"')), "is not JSON"],
  ["100000 open brackets", bytesOf("[".repeat(100_000)), "is not JSON"],
  ["a mebibyte of open brackets", bytesOf("[".repeat(1_048_576)), "is nested more than 131072 levels deep"],
  ["a good order nested in too many arrays", nested(131_072, good), "is nested more than 131072 levels deep"],
  ["bytes that are not UTF-8", withProduct(0xff, 0xfe, 0x80), "is not UTF-8"],
  ["a product in Latin-1", withProduct(0xe1), "is not UTF-8"],
  ["an overlong slash", withProduct(0xc0, 0xaf), "is not UTF-8"],
  ["a surrogate in UTF-8", withProduct(0xed, 0xa0, 0x80), "is not UTF-8"],
  ["a character cut off at the end", bytesOf("{}é").slice(0, -1), "is not UTF-8"],
  ["UTF-16", utf16(good), "is not JSON"],
  ["a raw NUL", bytesOf(`${good}\u0000`), "is not JSON"],
  ["a byte order mark", bytesOf(`\ufeff${good}`), "starts with a byte order mark"],
  ["nothing", bytesOf(""), "is empty"],
  ["white space", bytesOf(" \n\t "), "is empty"],
];

describe("bytes that are not JSON in UTF-8 are invalid_json, with one fault at the root", () => {
  test.each(NOT_JSON)("%s", (_, bytes, detail) => {
    for (const dialect of [english, portuguese]) {
      const read = readOrder(bytes, dialect);
      expect(read).toMatchObject({
        kind: "rejected",
        reason: "invalid_json",
        orderId: findOrderId(bytes, dialect),
        faults: [{ pointer: "" }],
      });
      const told = read.kind === "rejected" ? read.faults[0]?.detail : "";
      expect(told?.startsWith(detail)).toBe(true);
      expect(told).toMatch(/^[\x20-\x7e]{20,120}$/);
    }
  });
});

describe("JSON that is no order is invalid_order", () => {
  test.each([
    ["an array", `[${good}]`, [""]],
    ["a number", "7", [""]],
    ["null", "null", [""]],
    ["100000 nested arrays", "[".repeat(100_000) + "]".repeat(100_000), [""]],
    ["brackets in a text, and one after another", `["${"[".repeat(200_000)}",${"[],".repeat(200_000)}1]`, [""]],
    [
      "items nested 50000 deep",
      writtenOrder(english, { items: "[".repeat(50_000) + "]".repeat(50_000) }),
      ["/items/0"],
    ],
    ["a number beyond a double", writtenOrder(english, { orderId: "1e400" }), ["/orderId"]],
    ["__proto__", good.replace("{", '{"__proto__":{"polluted":true},'), ["/__proto__"]],
  ])("%s", (_, text, pointers) => {
    const read = readOrder(bytesOf(text));
    expect(read).toMatchObject({ kind: "rejected", reason: "invalid_order" });
    expect(read.kind === "rejected" && read.faults.map((fault) => fault.pointer)).toEqual(pointers);
  });

  test.each([
    ["invalid_order", writtenOrder(portuguese, { customerId: "0" })],
    ["invalid_json", writtenOrder(portuguese, { customerId: "" })],
  ])("the id is reported if it is good: %s", (reason, text) => {
    expect(readOrder(bytesOf(text), portuguese)).toMatchObject({ reason, orderId: 5 });
  });
});

describe("an order", () => {
  test.each([
    ["as it is", bytesOf(good), english],
    ["in Portuguese", bytesOf(writtenOrder(portuguese)), portuguese],
    ["with white space around it", bytesOf(` \r\n\t${good}\n`), english],
    ["of a repeated key the last stands", bytesOf(good.replace("{", '{"orderId":"wrong","customerId":0,')), english],
    ["as a part of a larger buffer", bytesOf(`xx${good}xx`).subarray(2, -2), english],
    ["with escapes", bytesOf(good.replace('"a"', '"\\u0061"')), english],
  ])("%s", (_, bytes, dialect) => {
    expect(readOrder(bytes, dialect)).toMatchObject({ kind: "order", order: { orderId: 5, customerId: 7 } });
  });

  test("is kept letter for letter, a byte order mark inside a name too", () => {
    for (const product of ["\ufeffbom", "la\u0301pis", "\u{10FFFF}", "\u202eevil"]) {
      const bytes = bytesOf(writtenOrder(english, { item: { product: JSON.stringify(product) } }));
      expect(readOrder(bytes)).toMatchObject({ order: { items: [{ product }, {}] } });
    }
  });

  test("is read after bytes that were refused: the decoder keeps nothing", () => {
    readOrder(Uint8Array.of(0x7b, 0xe2, 0x82));
    expect(readOrder(bytesOf(good)).kind).toBe("order");
  });
});

test("random bytes, and good ones that were changed, never throw", () => {
  const changed = fc
    .tuple(fc.nat(good.length), fc.nat(4), fc.uint8Array({ maxLength: 4 }))
    .map(([at, cut, insert]) =>
      Uint8Array.from([...bytesOf(good.slice(0, at)), ...insert, ...bytesOf(good.slice(at + cut))]),
    );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed), (bytes) => {
      const read = readOrder(bytes);
      if (read.kind === "rejected") expect(read.faults.length).toBeGreaterThanOrEqual(1);
    }),
  );
});

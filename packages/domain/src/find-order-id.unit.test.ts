import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { english, portuguese } from "./dialect.ts";
import { findOrderId } from "./find-order-id.ts";
import { readOrder } from "./read-order.ts";
import { writtenOrder } from "./written-order.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const good = writtenOrder(english);

describe("the id that bytes hold is found", () => {
  test.each<[string, string | Uint8Array]>([
    ["an order", good],
    ["cut off", good.slice(0, 30)],
    ["cut off within a string", '{"customerId":7,"orderId":5,"items":[{"product":"a'],
    ["broken before the id", '{"customerId":,"items":[{nonsense}],"orderId": 5 }'],
    ["a trailing comma", good.replace(/}$/, ",}")],
    ["something before and behind it", `data: ${good} ${good}garbage{"orderId":6}`],
    ["a byte order mark", `\ufeff${good}`],
    ["no UTF-8", Uint8Array.from([...bytesOf('{"x":"'), 0xff, 0xe2, ...bytesOf(good.replace("{", '",'))])],
    ["a key written as an escape", '{"order\\u0049\\u0064" : 5}'],
    ["of a repeated key the last", '{"orderId":4,"orderId":5,"items":[}'],
    ["not that of a nested object", '{"parent":{"orderId":4},"orderId":5,"items":[{"orderId":6},'],
    ["not a string that reads like the key", '{"a":"orderId","b":"\\"orderId\\":4","orderId":5,'],
    ["an integer as ECMAScript reads it", '{"orderId":0.5e1,'],
    ["nested deeper than is read", `{"orderId":5,"items":${"[".repeat(200_000)}`],
  ])("%s", (_, body) => {
    expect(findOrderId(typeof body === "string" ? bytesOf(body) : body)).toBe(5);
  });

  test("in the replaced system's words", () => {
    expect(findOrderId(bytesOf('{"codigoPedido":5,"orderId":6,'), portuguese)).toBe(5);
  });

  test("the largest", () => expect(findOrderId(bytesOf('{"orderId":9007199254740991,'))).toBe(9007199254740991));
});

test.each([
  "",
  "{",
  "}",
  '{"orderId"',
  '{"orderId":',
  '{"orderId":10', // perhaps the beginning of 1001
  '{"orderId":"5"}',
  '{"orderId":0}',
  '{"orderId":-5}',
  '{"orderId":05}',
  '{"orderId":5.5}',
  '{"orderId":5a}',
  '{"orderId":9007199254740992}',
  '{"orderId":1e400}',
  `{"orderId":${"1".repeat(100)}}`,
  '{"orderId":5,"orderId":"six"}',
  '{"orderid":5}',
  '{"a":{"orderId":5}}',
  '[{"orderId":5}]',
  '{}{"orderId":5}',
  '"{\\"orderId\\":5}"',
  '{"a":"\\',
  "{orderId:5}",
])("no id is found in %s", (text) => {
  expect(findOrderId(bytesOf(text))).toBeNull();
});

test("where the bytes are JSON, it is the id that the parser finds", () => {
  const id = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.maxSafeNat(), fc.double(), fc.string());
  const object = fc.tuple(fc.object({ key: fc.oneof(fc.string(), fc.constant("orderId")) }), id, fc.boolean());
  fc.assert(
    fc.property(object, ([rest, orderId, isFirst]) => {
      const bytes = bytesOf(JSON.stringify(isFirst ? { orderId, ...rest } : { ...rest, orderId }));
      const read = readOrder(bytes);
      expect(findOrderId(bytes)).toBe(read.kind === "rejected" ? read.orderId : read.order.orderId);
    }),
  );
});

test("for any bytes it never throws, and reads each of them a few times at most", () => {
  const pieces = fc.constantFrom(
    ...'{}[],:"\\ \n50.e',
    "orderId",
    '"orderId":',
    '{"orderId":5,',
    "\\u0049",
    "\u{1F4A9}",
  );
  const texts = fc.array(pieces, { maxLength: 300 }).map((list) => bytesOf(list.join("")));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), texts), (bytes) => {
      let reads = 0;
      const counted = new Proxy(bytes, {
        get(target, key) {
          if (key !== "length") reads++;
          return Reflect.get(target, key, target);
        },
      });
      findOrderId(counted);
      expect(reads).toBeLessThanOrEqual(8 * bytes.length + 8);
    }),
  );
});

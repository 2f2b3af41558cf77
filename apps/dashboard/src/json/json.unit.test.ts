import { describe, expect, test } from "vitest";
import { formatJson, joinLines } from "./format-json.ts";
import { placeFaults } from "./place-faults.ts";
import { toEnglish } from "./to-english.ts";

const ORDER = '{"orderId":1e3,"items":[{"product":"a \\"b\\", {c}","unitPrice":1.10},[],{}],"a/b~":90071992547409931}';

describe("formatJson", () => {
  test("a value a line, each with its pointer, tokens untouched", () => {
    const lines = formatJson(ORDER) ?? [];
    expect(joinLines(lines).split("\n")).toEqual([
      "{",
      '  "orderId": 1e3,',
      '  "items": [',
      "    {",
      '      "product": "a \\"b\\", {c}",',
      '      "unitPrice": 1.10',
      "    },",
      "    [],",
      "    {}",
      "  ],",
      '  "a/b~": 90071992547409931',
      "}",
    ]);
    expect(lines.map(({ pointer }) => pointer)).toEqual([
      "",
      "/orderId",
      "/items",
      "/items/0",
      "/items/0/product",
      "/items/0/unitPrice",
      undefined,
      "/items/1",
      "/items/2",
      undefined,
      "/a~1b~0",
      undefined,
    ]);
  });

  test.each(["1", '"x"', "null", "[]", "{}", "[1,[2,[3]]]", '{"a":{"b":[{}]}}', ' { "a" : 1 } '])(
    "%s means the same laid out",
    (text) => {
      expect(JSON.parse(joinLines(formatJson(text) ?? []))).toEqual(JSON.parse(text));
    },
  );

  test.each(["", "{", "not json", "[".repeat(100) + "]".repeat(100), `"${"x".repeat(300_000)}"`])(
    "a text that is no JSON, or too long, is not laid out",
    (text) => {
      expect(formatJson(text)).toBeUndefined();
    },
  );
});

test("a fault stands at its line; one of something missing where that is missing from", () => {
  const lines = placeFaults(formatJson(ORDER) ?? [], [
    { pointer: "/items/0/quantity", detail: "is missing" },
    { pointer: "/orderId", detail: "is bad" },
    { pointer: "", detail: "is odd" },
  ]);
  const told = lines.flatMap(({ pointer, faults }) => faults.map(({ detail }) => [pointer, detail]));
  expect(told).toEqual([
    ["", "is odd"],
    ["/orderId", "is bad"],
    ["/items/0", "is missing"],
  ]);
});

test("an order in the replaced system's words is fixed in ours; a text that cannot be read stays as it is", () => {
  const body = '{"codigoPedido":1,"codigoCliente":2,"itens":[{"produto":"preco","quantidade":0,"preco":1}]}';
  expect(JSON.parse(toEnglish(body, true))).toEqual({
    orderId: 1,
    customerId: 2,
    items: [{ product: "preco", quantity: 0, unitPrice: 1 }],
  });
  expect(toEnglish("{oops", true)).toBe("{oops");
  expect(JSON.parse(toEnglish('{"preco":1}', false))).toEqual({ preco: 1 });
});

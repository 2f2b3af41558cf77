import { describe, expect, test } from "vitest";
import { english, portuguese } from "./dialect.ts";
import { parseOrder } from "./parse-order.ts";
import { writtenOrder } from "./written-order.ts";

const pointersOf = (json: string, dialect = english) => {
  const parsed = parseOrder(JSON.parse(json), dialect);
  return parsed.kind === "faults" ? parsed.faults.map((fault) => fault.pointer) : [];
};
const letters = (count: number) => JSON.stringify("x".repeat(count));

test("the contract's example", () => {
  const json = `{ "orderId": 1001, "customerId": 1, "placedAt": "2026-11-24T12:00:00Z",
    "items": [ { "product": "lápis", "quantity": 100, "unitPrice": 1.10 },
               { "product": "caderno", "quantity": 10, "unitPrice": "1.00" } ] }`;
  expect(parseOrder(JSON.parse(json))).toStrictEqual({
    kind: "order",
    order: {
      orderId: 1001,
      customerId: 1,
      placedAt: "2026-11-24T12:00:00Z",
      items: [
        { product: "lápis", quantity: 100, priceUnits: 11_000 },
        { product: "caderno", quantity: 10, priceUnits: 10_000 },
      ],
    },
  });
});

const good = {
  orderId: ["1", "1.0", "1e3", "2147483648", "9007199254740991"],
  quantity: ["1", "1.0", "1e3", "1E+2", "2.50e1", "1e9", "1000000000"],
  unitPrice: [
    ...["0", "0.0", "0e7", "1", "1.10", "1e3", "1.5e1", "12e-1", "25e-4", "1E+2", "19.99", "0.0001", "1.005"],
    ...["99999999999.9999", "90071992547.4099", "9007199.2547", "0.1000000000000000055"],
    ...['"0"', '"0.0000"', '"1.10"', '"01.10"', '"00000000001.1000"', '"99999999999.9999"', '"1.2345"'],
  ],
  product: [
    ...['"la\\u0301pis"', '"\\ud83d\\ude00"', JSON.stringify("\u{1F600}".repeat(200)), letters(200), '" a "', '"0"'],
    ...['"\\u0001\\u001f"', '"\\ufeffbom"', '"\\uffff"', '"__proto__"', '"\\u200b"'],
  ],
  placedAt: ['"2026-11-24T12:00:00Z"', '"2026-11-24t09:00:00.5-03:00"', '"0001-01-01T00:00:00Z"'],
};
const wrong = {
  id: [
    ...["0", "-1", "-0", "1.5", '"7"', "null", "true", "false", "[]", "{}", "[7]", "9007199254740992", "1e16", '""'],
    ...["9007199254740993", "99999999999999999999", "1e400", "-1e400", "0.1"],
  ],
  quantity: [
    ...["0", "-1", "-0", "1.5", '"3"', "null", "true", "[]", "{}", "1000000001", "1e10", "1e400", "0.9", "-1e400"],
  ],
  unitPrice: [
    ...["-0", "-0.0", "-0.01", "-1", "1.00001", "0.00001", "1e-5", "99999999999.99999", "100000000000", "1e11"],
    ...["1e15", "1e400", "-1e400", "null", "true", "false", "[]", "{}", "[1]", '"1.00000"', '"-1"', '"-0"', '"-0.00"'],
    ...['"+1"', '"1."', '".5"', '"1e2"', '" 1"', '"1 "', '"1\\n"', '"1,10"', '""', '"abc"', '"0x10"', '"NaN"'],
    ...['"Infinity"', '"100000000000"', '"1_000"', '"١"', '"1.1.1"', '"1.10\\n"', '"\\n1"'],
  ],
  product: [
    ...['""', '" "', '"\\t\\n \\r"', '"\\u00a0"', '"\\u3000 "', '"\\ufeff"', '"a\\u0000b"', '"\\u0000"', '"\\ud800"'],
    ...['"a\\udc00b"', '"\\udc00\\ud800"', "null", "5", "true", "[]", "{}", '["a"]', letters(201), letters(100_000)],
    ...[JSON.stringify("\u{1F600}".repeat(201)), JSON.stringify(" ".repeat(100_000))],
  ],
  placedAt: [
    ...['"yesterday"', '"2026-11-24"', '"2026-11-24T12:00:00"', '"2026-02-30T00:00:00Z"', '"24/11/2026"', '""'],
    ...["5", "true", "{}", "null", "1700000000000", '"0000-01-01T00:00:00Z"', '"2026-11-24T12:00:00Z\\n"'],
  ],
  items: ["[]", "{}", "null", '"x"', "5", "true", '{"0":{}}', `[${Array(1001).fill("{}").join(",")}]`],
};

for (const [name, dialect] of [["english", english] as const, ["portuguese", portuguese] as const]) {
  const { orderId, customerId, items, product, quantity, unitPrice } = dialect;

  describe(`${name}: good values`, () => {
    const rows = [
      ...good.orderId.map((json) => ({ orderId: json, customerId: json })),
      ...good.quantity.map((json) => ({ item: { quantity: json } })),
      ...good.unitPrice.map((json) => ({ item: { unitPrice: json } })),
      ...good.product.map((json) => ({ item: { product: json } })),
      ...good.placedAt.map((json) => ({ placedAt: json })),
    ].map((changes) => writtenOrder(dialect, changes));
    test.each(rows)("%.120s", (json) => {
      expect(pointersOf(json, dialect)).toEqual([]);
    });
  });

  describe(`${name}: a fault at its pointer, and nowhere else`, () => {
    const rows = [
      ...wrong.id.map((json) => [writtenOrder(dialect, { orderId: json }), `/${orderId}`]),
      ...wrong.id.map((json) => [writtenOrder(dialect, { customerId: json }), `/${customerId}`]),
      ...wrong.quantity.map((json) => [writtenOrder(dialect, { item: { quantity: json } }), `/${items}/0/${quantity}`]),
      ...wrong.unitPrice.map((json) => [
        writtenOrder(dialect, { item: { unitPrice: json } }),
        `/${items}/0/${unitPrice}`,
      ]),
      ...wrong.product.map((json) => [writtenOrder(dialect, { item: { product: json } }), `/${items}/0/${product}`]),
      ...wrong.items.map((json) => [writtenOrder(dialect, { items: json }), `/${items}`]),
      ...["5", "null", '"x"', "true", "[]"].map((json) => [
        writtenOrder(dialect, { items: `[${json}]` }),
        `/${items}/0`,
      ]),
      ...["5", "null", '"x"', "true", "[]", "[{}]"].map((json) => [json, ""]),
      [writtenOrder(dialect, { orderId: undefined }), `/${orderId}`],
      [writtenOrder(dialect, { customerId: undefined }), `/${customerId}`],
      [writtenOrder(dialect, { items: undefined }), `/${items}`],
      [writtenOrder(dialect, { item: { product: undefined } }), `/${items}/0/${product}`],
      [writtenOrder(dialect, { item: { quantity: undefined } }), `/${items}/0/${quantity}`],
      [writtenOrder(dialect, { item: { unitPrice: undefined } }), `/${items}/0/${unitPrice}`],
    ].map(([json = "", pointer = ""]) => ({ json, pointer }));
    test.each(rows)("$pointer: $json", ({ json, pointer }) => {
      expect(pointersOf(json, dialect)).toEqual([pointer]);
    });
  });

  test(`${name}: all faults are reported together, in the order of the fields`, () => {
    const bad = `{"${product}":"","${quantity}":0,"${unitPrice}":-1}`;
    const json = writtenOrder(dialect, { orderId: '"7"', customerId: undefined, items: `[${bad},7,{}]` });
    const at = (...keys: (string | number)[]) => keys.map((key) => `/${key}`).join("");
    expect(pointersOf(json, dialect)).toEqual([
      at(orderId),
      at(customerId),
      ...[product, quantity, unitPrice].map((key) => at(items, 0, key)),
      at(items, 1),
      ...[product, quantity, unitPrice].map((key) => at(items, 2, key)),
    ]);
  });
}

describe("english: placedAt", () => {
  test.each(wrong.placedAt)("%s is a fault", (json) => {
    expect(pointersOf(writtenOrder(english, { placedAt: json }))).toEqual(["/placedAt"]);
  });
  test("is UTC in the order, and null if it is left out", () => {
    const read = (placedAt?: string) => parseOrder(JSON.parse(writtenOrder(english, { placedAt })));
    expect(read('"2026-11-24T09:00:00.50-03:00"')).toMatchObject({ order: { placedAt: "2026-11-24T12:00:00.5Z" } });
    expect(read()).toMatchObject({ order: { placedAt: null } });
  });
});

describe("english: an unknown key has its own pointer", () => {
  const long = "k".repeat(200);
  test.each([
    ['"note":"x"', "/note"],
    ['"total":null', "/total"],
    ['"a/b~c":1', "/a~1b~0c"],
    ['"~1":1', "/~01"],
    ['"":1', "/"],
    ['"OrderId":5', "/OrderId"],
    ['"codigoPedido":1', "/codigoPedido"],
    ['"quantity":1', "/quantity"],
    ['"constructor":{"prototype":{"x":1}}', "/constructor"],
    ['"__proto__":{"polluted":true}', "/__proto__"],
    ['"toString":1', "/toString"],
    ['"a\\u0000b":1', "/a\u0000b"],
    ['"\\ud800":1', "/\ud800"],
    [`"${long}":1`, `/${long}`],
    [`"${"\u{1F600}".repeat(200)}":1`, `/${"\u{1F600}".repeat(200)}`],
    [`"${long}k":1`, ""],
    [`"${"\u{1F600}".repeat(201)}":1`, ""],
    [`"${"k".repeat(100_000)}":1`, ""],
  ])("%.60s", (extra, pointer) => {
    expect(pointersOf(writtenOrder(english, { extra }))).toEqual([pointer]);
    // What an item may have, an item may have; a long key is reported at its parent's pointer.
    if (!extra.startsWith('"quantity"')) {
      expect(pointersOf(writtenOrder(english, { itemExtra: extra }))).toEqual([`/items/0${pointer}`]);
    }
  });

  test("after the faults of the object's own fields", () => {
    const changes = { customerId: undefined, item: { quantity: "1.5" }, itemExtra: '"colour":"red"', extra: '"vip":1' };
    expect(pointersOf(writtenOrder(english, changes))).toEqual([
      "/customerId",
      "/items/0/quantity",
      "/items/0/colour",
      "/vip",
    ]);
  });
});

describe("nothing is read from a prototype", () => {
  const order = writtenOrder(english);
  test.each([
    ["an own __proto__ that hides the order", JSON.parse(`{"__proto__":${order}}`), ["/__proto__"]],
    ["a prototype that is the order", Object.create(JSON.parse(order)), []],
  ])("%s", (_, value, unknown) => {
    const parsed = parseOrder(value);
    const pointers = parsed.kind === "faults" ? parsed.faults.map((fault) => fault.pointer) : [];
    expect(pointers).toEqual(["/orderId", "/customerId", "/items", ...unknown]);
  });

  test("a prototype's keys are no unknown keys", () => {
    expect(parseOrder(Object.assign(Object.create({ note: 1 }), JSON.parse(order))).kind).toBe("order");
  });

  test("and nothing is written to one", () => {
    parseOrder(
      JSON.parse(writtenOrder(english, { extra: '"__proto__":{"polluted":1},"constructor":{"prototype":{}}' })),
    );
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("the order's id beside its faults", () => {
  test.each([
    ["is reported if it is good", { customerId: "0" }, 5],
    ["is null if it is bad", { orderId: "0" }, null],
    ["is null if it is missing", { orderId: undefined }, null],
  ])("%s", (_, changes, orderId) => {
    expect(parseOrder(JSON.parse(writtenOrder(english, changes)))).toMatchObject({ kind: "faults", orderId });
    expect(parseOrder(JSON.parse(writtenOrder(portuguese, changes)), portuguese)).toMatchObject({ orderId });
  });
});

describe("a detail says what was wrong and what is expected", () => {
  test.each([
    [{ orderId: '"7"' }, "is a string; must be an integer from 1 to 9007199254740991"],
    [{ orderId: "1e400" }, "is a number beyond the range of a double; must be an integer from 1 to 9007199254740991"],
    [{ customerId: undefined }, "is missing; must be an integer from 1 to 9007199254740991"],
    [{ item: { quantity: "-0" } }, "is -0; must be an integer from 1 to 1000000000"],
    [{ items: "[]" }, "has 0 items; must be an array of 1 to 1000 items"],
    [{ items: "null" }, "is null; must be an array of 1 to 1000 items"],
    [{ items: "[7]" }, "is 7; must be an object with product, quantity, unitPrice"],
    [{ itemExtra: '"colour":1' }, "is an unknown key; expected product, quantity, unitPrice"],
    [{ extra: '"colour":1' }, "is an unknown key; expected orderId, customerId, placedAt, items"],
  ])("%j", (changes, detail) => {
    expect(parseOrder(JSON.parse(writtenOrder(english, changes)))).toMatchObject({ faults: [{ detail }] });
  });

  test.each([
    ['""', "is empty; "],
    ['" "', "is only white space; "],
    ['"\\u0000"', "contains U+0000; "],
    ['"\\ud800"', "contains a lone surrogate; "],
    [letters(201), "is longer than 200 code points; "],
    ["5", "is 5; "],
  ])("of the product %.20s: %s", (product, detail) => {
    const parsed = parseOrder(JSON.parse(writtenOrder(english, { item: { product } })));
    expect(parsed).toMatchObject({
      faults: [{ detail: expect.stringMatching(`^${detail.replace("+", "\\+")}must be a string of 1 to 200`) }],
    });
  });

  test("in the sender's own words", () => {
    expect(parseOrder(7, portuguese)).toMatchObject({
      faults: [{ pointer: "", detail: "is 7; must be an object with codigoPedido, codigoCliente, itens" }],
    });
  });
});

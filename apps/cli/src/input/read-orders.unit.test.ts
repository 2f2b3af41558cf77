import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Failure } from "../failure.ts";
import type { FoundOrder } from "./check-order.ts";
import type { Encoding } from "./decode.ts";
import type { CsvOptions } from "./find-columns.ts";
import { localeOf } from "./locale.ts";
import { type Format, openInput } from "./open-input.ts";
import { readOrders } from "./read-orders.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pedidos-input-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Options = CsvOptions & { readonly format?: Format; readonly encoding?: Encoding };
/** → the orders as `id: products`, the rejected as `line: orderId`, their faults and texts; or why nothing is read. */
async function read(name: string, content: Buffer | string, { format, encoding, ...csv }: Options = {}) {
  const path = join(folder, name);
  writeFileSync(path, content);
  const [orders, rejected, faults, originals]: string[][] = [[], [], [], []];
  let failure = "";
  try {
    for await (const found of readOrders(await openInput(path, { format, encoding }), csv).orders) {
      if (found.kind === "order")
        orders?.push(`${found.order.orderId}: ${found.order.items.map(({ product }) => product).join(", ")}`);
      else {
        rejected?.push(`${found.line}: ${found.orderId}`);
        faults?.push(...found.faults.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()));
        originals?.push(found.original?.toString("utf8") ?? "(too large)");
      }
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.exitCode).toBe(66);
    failure = error.message.replaceAll(path, name);
  }
  return { orders, rejected, faults, originals, failure };
}

const order = (orderId: number, changes: object = {}) =>
  JSON.stringify({ orderId, customerId: 7, items: [{ product: "pen", quantity: 2, unitPrice: "1.50" }], ...changes });
const named = (orderId: number, product: string) =>
  order(orderId, { items: [{ product, quantity: 2, unitPrice: "1.50" }] });
const lines = (...texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");
const HEADER = "orderId,customerId,product,quantity,unitPrice";
const csv = (...rows: readonly string[]) => lines(HEADER, ...rows);
const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();

test.each<[string, string, Buffer, Encoding, string]>([
  ["Windows-1252", "a.ndjson", Buffer.from(named(1, "Lápis \x96"), "latin1"), "windows-1252", "1: Lápis –"],
  ["Latin-1", "a.json", Buffer.from(`[${named(1, "Café")}]`, "latin1"), "latin1", "1: Café"],
  ["UTF-16", "a.csv", Buffer.from(csv("1,7,feijão,2,1.50"), "utf16le"), "utf-16le", "1: feijão"],
  ["UTF-16, big end first", "a.ndjson", utf16be(named(1, "pêra 🍐")), "utf-16be", "1: pêra 🍐"],
])("%s is refused without --encoding, and read with it", async (_, name, bytes, encoding, found) => {
  const refused = await read(name, bytes);
  expect(refused).toMatchObject({ orders: [], failure: expect.stringMatching(/line [12].*--encoding/) });
  expect(await read(name, bytes, { encoding })).toMatchObject({ orders: [found], rejected: [], failure: "" });
});

test("a byte order mark says the encoding, and is no part of the text", async () => {
  const mark = "\ufeff";
  const both = { orders: ["1: maçã", "2: pêra"], rejected: [], failure: "" };
  const text = lines(named(1, "maçã"), named(2, "pêra"));
  expect(await read("a.ndjson", mark + text)).toMatchObject(both);
  expect(await read("a.ndjson", Buffer.from(mark + text, "utf16le"))).toMatchObject(both);
  expect(await read("a.ndjson", utf16be(mark + text))).toMatchObject(both);
  expect(await read("a.csv", `${mark}${csv("1,7,maçã,1,1", "2,7,pêra,1,1")}`)).toMatchObject(both);
  expect(await read("a.ndjson", mark + lines(order(1, { customerId: 0 })))).toMatchObject({
    rejected: ["1: 1"],
    faults: [expect.stringContaining("/customerId")],
    originals: [order(1, { customerId: 0 })],
  });
});

test.each([0xff, 0xc3, 0xa0])("a byte %i that is no UTF-8 is reported with its line, wherever it is", async (byte) => {
  const good = Buffer.from(lines(...Array.from({ length: 3_000 }, (_, index) => named(index + 1, "lápis"))));
  const place = good.lastIndexOf("pis");
  const bytes = Buffer.concat([good.subarray(0, place), Buffer.from([byte]), good.subarray(place)]);
  expect((await read("a.ndjson", bytes)).failure).toContain("line 3000 is not UTF-8");
});

test("bytes that an encoding has no character for are refused", async () => {
  const latin1 = await read("a.ndjson", Buffer.from("a\n\x96", "latin1"), { encoding: "latin1" });
  expect(latin1.failure).toContain("line 2");
  const windows = await read("a.ndjson", Buffer.from("a\n\x81", "latin1"), { encoding: "windows-1252" });
  expect(windows.failure).toContain("line 2");
  const half = await read("a.ndjson", Buffer.from("a\0\n\0\0\xd8", "latin1"), { encoding: "utf-16le" });
  expect(half.failure).toContain("line 2");
});

test("lines end at LF and nowhere else; blank ones are counted", async () => {
  const text = `${named(1, "party\u2028kit")}\r\n\n${named(3, "a\u2029b").replace(",", ",\r")}\n \t\r\nno JSON\r\n${order(6)}`;
  expect(await read("a.ndjson", text)).toMatchObject({
    orders: ["1: party\u2028kit", "3: a\u2029b", "6: pen"],
    rejected: ["5: null"],
    originals: ["no JSON\r"],
  });
});

test("the names of a line's own keys say its language, not its texts", async () => {
  const pedido = (produto: string) =>
    JSON.stringify({ codigoPedido: 1, codigoCliente: 7, itens: [{ produto, quantidade: 1, preco: 1 }] });
  expect(await read("a.ndjson", pedido("orderId"))).toMatchObject({ orders: ["1: orderId"] });
  expect(await read("a.ndjson", pedido('a "orderId"'))).toMatchObject({ rejected: [] });
  expect(await read("a.csv", csv('1,7,"a ""codigoPedido""",1,1'))).toMatchObject({ orders: ['1: a "codigoPedido"'] });
  const english = order(1, { customerId: "codigoPedido" });
  expect((await read("a.ndjson", english)).faults).toEqual([expect.stringContaining("/customerId")]);
});

test("CSV: a broken row is rejected with its line; the others are read", async () => {
  const good = { orders: ["1: pen", "3: board"], rejected: ["3: 2"], failure: "" };
  const around = (row: string) => csv("1,7,pen,1,1.00", row, "3,7,board,1,4.00");
  for (const row of ['2,7,pipe 1/2" black,1,3.00', "2,7,ruler,1", "2,7,ruler,1,2.00,3", '2,7,"table,1,2.00'])
    expect(await read("a.csv", around(row))).toMatchObject({ ...good, originals: [row] });
  expect(await read("a.csv", around('2,7,"table" x,1,2.00'))).toMatchObject(good);
  // Its quote ends within the next row, which has one of its own.
  expect(await read("a.csv", csv('1,7,"pen,1,1', '2,7,"a, b",1,1', "3,7,c,1,1"))).toMatchObject({
    orders: ["2: a, b", "3: c"],
    rejected: ["2: 1"],
  });
  expect(await read("a.csv", csv('1,7,"two\nlines",1,1', "2,7,x"))).toMatchObject({
    orders: ["1: two\nlines"],
    rejected: ["4: 2"],
  });
});

test("CSV: an order with a broken row is rejected whole, at that row's line", async () => {
  const rows = ["2,7,ruler,1,2.00", "2,7,board,1", "2,7,chalk,1,0.50"];
  expect(await read("a.csv", csv("1,7,pen,1,1", ...rows, "3,7,ink,1,3"))).toMatchObject({
    orders: ["1: pen", "3: ink"],
    rejected: ["4: 2"],
    originals: [rows.join("\n")],
  });
  for (const noId of ['"2" x,7,board,1,1', ",7,board,1,1", '",7,board,1,1'])
    expect(await read("a.csv", csv("2,7,ruler,1,2", noId, "2,7,chalk,1,1", "3,7,ink,1,3"))).toMatchObject({
      orders: ["3: ink"],
      rejected: ["3: 2"],
      originals: [lines("2,7,ruler,1,2", noId, "2,7,chalk,1,1").trimEnd()],
    });
  const bad = await read("a.csv", csv("1,7,pen,1,1", "1,7,ink,x,1"));
  expect(bad.faults).toEqual([expect.stringMatching(/^\/items\/1\/quantity .*line 3/)]);
});

test("rows of one order that are apart, and an id again with other content, are rejected; the same again is not", async () => {
  const far = Array.from({ length: 5_000 }, (_, index) => `${index + 10},7,pen,1,1`);
  expect(await read("a.csv", csv("1,7,pen,1,1", ...far, "1,7,ink,1,1"))).toMatchObject({ rejected: ["5003: 1"] });
  expect(await read("a.csv", csv("1,7,pen,1,1", "2,7,ink,1,1", "1,7,pen,1,1.0"))).toMatchObject({ rejected: [] });
  // Of the first appearance only one row is broken, but it may have been an order with these rows, too.
  expect(await read("a.csv", csv("1,7,pen", "2,7,ink,1,1", "1,7,pen,1,1"))).toMatchObject({
    orders: ["2: ink"],
    rejected: ["2: 1", "4: 1"],
  });
  const texts = [order(1), order(2), order(2, { placedAt: "2026-11-24T12:00:00Z" }), named(1, "ink")];
  expect(await read("a.ndjson", lines(...texts))).toMatchObject({ rejected: ["4: 1"], originals: [texts[3]] });
  expect(await read("a.json", `[${texts}]`)).toMatchObject({ rejected: ["4: 1"] });
  expect(await read("a.ndjson", lines(order(1, { customerId: 0 }), order(1)))).toMatchObject({ orders: ["1: pen"] });
});

test.each<[string, string, RegExp]>([
  ["a name twice", lines(`${HEADER},unitPrice`, "1,7,pen,1,1,2"), /line 1: unitPrice stands twice.*columns 5 and 6/],
  ["a missing name", lines("order,customerId,product,quantity", "1,2,3,4"), /lacks orderId, unitPrice and has unknown/],
  ["an unknown name", lines(`${HEADER},color`, "1,7,pen,1,1,red"), /unknown columns: "color".*--ignore-extra/],
  ["NDJSON", lines(order(1)), /--format ndjson/],
  ["a JSON array", `[${order(1)}]`, /--format json/],
  ["nothing", "\n\n", /is empty/],
  ["one line of megabytes", `${"x,".repeat(5_000_000)}\n1`, /line 1 should be the header.*10000000 bytes/],
  ["CR for its line end", csv("1,7,pen,1,1").replaceAll("\n", "\r"), /LF or CR LF/],
])("CSV with %s for a header is refused", async (_, text, message) => {
  expect(await read("a.csv", text)).toMatchObject({
    orders: [],
    rejected: [],
    failure: expect.stringMatching(message),
  });
});

test.each([";", "\t", "|", ","])("CSV: the header says the delimiter %j; sep= says it too", async (delimiter) => {
  const text = csv("1,7,notebook blue,1,1").replaceAll(",", delimiter).replace(" blue", '", blue"');
  expect(await read("a.tsv", text.replace('notebook", blue"', '"notebook, blue"'))).toMatchObject({
    orders: ["1: notebook, blue"],
  });
  const sep = `sep=${delimiter}\r\n${text.replace('notebook", blue"', '"notebook; blue"')}`;
  expect(await read("a.csv", sep)).toMatchObject({ orders: ["1: notebook; blue"] });
});

test("CSV: blank rows, and columns without a name and a cell, are passed over", async () => {
  const text = lines(`${HEADER},,`, "1,7,pen,1,1,,", ",,,,,,", "", "2,7,ink,1,1,,,,", "3,7,x,1,1,,y", "4,7,z,1,1");
  expect(await read("a.csv", text)).toMatchObject({
    orders: ["1: pen", "2: ink", "4: z"],
    rejected: ["6: 3"],
    faults: [expect.stringContaining("column 7")],
  });
});

test.each([
  ["cut", gzipSync(lines(order(1), order(2))).subarray(0, -12)],
  ["of a wrong sum", Buffer.from(gzipSync(order(1)).with(-6, 0))],
  ["cut in its second member", Buffer.concat([gzipSync(lines(order(1))), gzipSync(order(2)).subarray(0, 15)])],
  ["with rubbish behind it", Buffer.concat([gzipSync(order(1)), Buffer.from("\0\0rubbish")])],
  ["without content", Buffer.alloc(0)],
  ["that is none", Buffer.from(order(1))],
])("an archive %s is refused before anything is read", async (_, bytes) => {
  const { orders, failure } = await read("a.ndjson.gz", bytes);
  expect([orders, failure]).toEqual([[], expect.stringMatching(/^a\.ndjson\.gz is .*gzip archive/)]);
});

test("a spreadsheet is recognized", async () => {
  expect((await read("a.csv", "PK\u0003\u0004…")).failure).toContain("save it as CSV");
});

test("an archive is known by its bytes, has any number of members, and any case of its name", async () => {
  const members = Buffer.concat([gzipSync(lines(order(1))), gzipSync(lines(order(2))), Buffer.alloc(100)]);
  const both = { orders: ["1: pen", "2: pen"], failure: "" };
  expect(await read("a.ndjson", members)).toMatchObject(both);
  expect(await read("A.NDJSON.GZ", members)).toMatchObject(both);
  expect(await read("A.CSV.GZ", gzipSync(csv("1,7,pen,1,1", "2,7,pen,1,1")))).toMatchObject(both);
});

test("another format than the name says is refused once, not line by line", async () => {
  expect((await read("a.ndjson", csv("1,7,pen,1,1"))).failure).toContain("--format csv");
  expect((await read("a.ndjson", `[\n${order(1)}\n]`)).failure).toContain("--format json");
  expect((await read("a.json", lines(order(1), order(2)))).failure).toContain("--format ndjson");
  expect((await read("a.json", csv("1,7,pen,1,1"))).failure).toContain("--format csv");
});

test("JSON: elements are kept as they stand; one that is broken takes no other with it", async () => {
  const exact = '{"orderId":9007199254740993,\n "customerId":1.50}';
  expect(await read("a.json", `[ ${order(1)},${exact} , {"a":[}]}, "]", ${order(2)}\n]\n`)).toMatchObject({
    orders: ["1: pen", "2: pen"],
    rejected: ["2: null", "3: null", "4: null"],
    originals: ['{"orderId":9007199254740993, "customerId":1.50}', '{"a":[}]}', '"]"'],
  });
  expect(await read("a.json", "[]")).toMatchObject({ orders: [], failure: "" });
});

test.each<[string, RegExp]>([
  [`[${order(1)}`, /line 1, column \d+: the file ends within the array/],
  [`[${order(1)}]\n ]`, /line 2, column 2: something follows/],
  [`[${order(1)},]`, /an order is missing/],
  [`[,${order(1)}]`, /an order is missing/],
  [order(1), /no array of orders/],
  ["", /nothing is there/],
])("JSON %j is refused with its place", async (text, message) => {
  expect(await read("a.json", text)).toMatchObject({ orders: [], failure: expect.stringMatching(message) });
});

test("a line, an element or an order over the limits is rejected with its line, however large", async () => {
  const long = named(2, "x".repeat(1_100_000));
  const found = { orders: ["1: pen", "3: pen"], rejected: ["2: 2"].map(() => "2: null") };
  expect(await read("a.ndjson", lines(order(1), long, order(3)))).toMatchObject({ ...found, originals: [long] });
  expect(await read("a.json", `[${[order(1), long, order(3)]}]`)).toMatchObject({ ...found, originals: [long] });
  const larger = named(2, "x".repeat(9_000_000));
  expect(await read("a.ndjson", lines(order(1), larger, order(3)))).toMatchObject({ originals: ["(too large)"] });
  expect(await read("a.json", `[${[order(1), larger, order(3)]}]`)).toMatchObject(found);
  const many = Array.from({ length: 1_001 }, (_, index) => `2,7,item ${index},1,1`);
  expect(await read("a.csv", csv("1,7,pen,1,1", ...many, "3,7,pen,1,1"))).toMatchObject({
    ...found,
    rejected: ["3: 2"],
    originals: [many.join("\n")],
  });
  expect(await read("a.csv", csv("1,7,pen,1,1", `2,7,${"x".repeat(1_100_000)},1,1`, "3,7,pen,1,1"))).toMatchObject({
    ...found,
    rejected: ["3: 2"],
  });
});

test("CSV: a quote that is never closed takes its row alone, in a file larger than a row may be", async () => {
  const rows = Array.from({ length: 60_000 }, (_, index) => `${index + 2},7,some pen,1,1.00`);
  const { orders, rejected } = await read("a.csv", csv('1,7,"open,1,1', ...rows));
  expect([orders?.length, rejected]).toEqual([60_000, ["2: 1"]]);
});

const BRAZIL = { locale: localeOf("pt-BR") };

test("pt-BR: names, amounts and dates as Excel in Brazil saves them", async () => {
  const text = lines(
    "sep=;",
    "Nº do Pedido;CÓDIGO  CLIENTE;Descrição;Qtd;Preço Unitário;Data;",
    '1;7;"lápis; azul";1.000;R$ 1.234,56;24/11/2026;',
    ";;;;;;",
    "2;7;régua;2,00;10;24/11/2026 9:05;",
    "3;7;pen;1;1.50;;",
    "4;7;ink;1,5;1;31/02/2026;",
  ).replaceAll("\n", "\r\n");
  const bytes = Buffer.from(text, "latin1");
  const path = join(folder, "brazil.csv");
  writeFileSync(path, bytes);
  const found: FoundOrder[] = [];
  for await (const one of readOrders(await openInput(path, { encoding: "windows-1252" }), BRAZIL).orders)
    found.push(one);
  expect(found.flatMap((one) => (one.kind === "order" ? one.order : []))).toEqual([
    {
      orderId: 1,
      customerId: 7,
      placedAt: "2026-11-24T03:00:00Z",
      items: [{ product: "lápis; azul", quantity: 1_000, priceUnits: 12_345_600 }],
    },
    {
      orderId: 2,
      customerId: 7,
      placedAt: "2026-11-24T12:05:00Z",
      items: [{ product: "régua", quantity: 2, priceUnits: 100_000 }],
    },
  ]);
  expect(
    found.flatMap((one) => (one.kind === "rejected" ? [[one.line, one.faults.map((f) => f.pointer)]] : [])),
  ).toEqual([
    [6, ["/items/0/unitPrice"]],
    [7, ["/placedAt", "/items/0/quantity"]],
  ]);
});

test("what looks Brazilian is refused and asks for the option, in any place; amounts are never guessed", async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => `${index + 1};7;pen;1;1.000`);
  const text = lines(HEADER.replaceAll(",", ";"), ...rows, "9000;7;pen;1;0,50");
  expect((await read("a.csv", text)).failure).toMatch(/line 3002 has "0,50".*--locale pt-BR/);
  const portuguese = lines("Pedido;Cliente;Produto;Quantidade;Preço", "1;7;pen;1;1");
  expect((await read("a.csv", portuguese)).failure).toMatch(/lacks.*--locale pt-BR/);
  const dates = lines(`${HEADER},placedAt`, "1,7,pen,1.000,1,24/11/2026 9:30");
  expect((await read("a.csv", dates)).failure).toContain("--locale pt-BR");
  expect((await read("a.csv", csv("1,7,pen,1.000,1"))).faults).toEqual([expect.stringContaining("/items/0/quantity")]);
  // One comma among points is a row with a fault.
  expect(await read("a.csv", csv("1,7,pen,1,1.10", '2,7,pen,1,"1,10"'))).toMatchObject({ rejected: ["3: 2"] });
});

test("--map names columns, --ignore-extra passes over others", async () => {
  const map = new Map([
    ["nº pedido", "orderId"],
    ["Kunde", "customerId"],
  ] as const);
  const text = lines("Nº Pedido,Kunde,product,quantity,unitPrice,color", "1,7,pen,1,1,red");
  expect((await read("a.csv", text, { map })).failure).toContain('"color"');
  expect(await read("a.csv", text, { map, ignoreExtra: true })).toMatchObject({ orders: ["1: pen"] });
  expect((await read("a.csv", csv("1,7,pen,1,1"), { map })).failure).toContain('the header has no "nº pedido"');
});

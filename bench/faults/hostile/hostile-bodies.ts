import { gzipSync } from "node:zlib";
import { type Dialect, english, portuguese } from "@pedidos/domain";
import fc from "fast-check";

/** The words of a text. */
export const wordsOf = (text: string) => text.trim().split(/\s+/);

/** JSON that stands where something else should, or has no business in an order. */
const oddJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...wordsOf(String.raw`
    0 -0 -1 1.5 1.0 1e3 1e400 -1e400 1e-400 0.30000000000000004 1.00001 01 +1 9007199254740991 9007199254740992
    9007199254740993 1e16 99999999999.9999 999999999999 0x10 true null undefined NaN Infinity [] {} [[]] "" "3" "1.10" "-0"
    "1e400" "1,10" "\u0000" "\ud800" "\udfff\ud800" "\ud83d\ude00" 'a' {"__proto__":{"items":[]}}
    {"constructor":{"prototype":1}} {"toString":1} {"toJSON":1} {"length":1}`),
    ...['" "', '" 1"', '"\ufeff"'],
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => "[".repeat(depth) + "]".repeat(depth)),
  fc.integer({ min: 1, max: 5_000 }).map((depth) => '{"a":'.repeat(depth) + "1".padEnd(depth + 1, "}")),
  fc.integer({ min: 1, max: 20_000 }).map((digits) => "9".repeat(digits)),
  fc.integer({ min: 1, max: 20_000 }).map((digits) => `0.${"1".repeat(digits)}`),
  fc.integer({ min: 190, max: 20_000 }).map((length) => `"${"é".repeat(length)}"`),
);

/** The text of a key, quotes and all. */
const oddKey: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...wordsOf(String.raw`"__proto__" "constructor" "hasOwnProperty" "" "a/b~c" "\u0000" "\ud800" a 1`)),
  fc.constantFrom('"ORDERID"', '"order\\u0049d"', '"orderId "', '"itens"', '"items"', '"valueOf"', '"then"'),
  fc.string({ unit: "binary", maxLength: 300 }).map((key) => JSON.stringify(key)),
);

type Members = readonly (readonly [key: string, json: string])[];

/** One member of an object, good as a rule; else wrong, missing, misspelt, or there twice. */
function member(key: string | undefined, good: fc.Arbitrary<string>): fc.Arbitrary<Members> {
  if (key === undefined) return fc.constant([]);
  const name = JSON.stringify(key);
  return fc.oneof(
    { weight: 80, arbitrary: good.map((json) => [[name, json]] as const) },
    { weight: 2, arbitrary: oddJson.map((json) => [[name, json]] as const) },
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(oddKey, good).map(([odd, json]) => [[odd, json]] as const) },
    { weight: 1, arbitrary: fc.tuple(oddJson, good).map((both) => both.map((json) => [name, json] as const)) },
  );
}

const extra: fc.Arbitrary<Members> = fc.oneof(
  { weight: 40, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.tuple(oddKey, oddJson).map((pair) => [pair]) },
);

function object(...members: fc.Arbitrary<Members>[]): fc.Arbitrary<string> {
  const write = (all: Members) => `{${all.map(([key, json]) => `${key}:${json}`).join(",")}}`;
  return fc.tuple(...members).map((all) => write(all.flat()));
}

/** Ids few enough to meet again, so that there are duplicates and conflicts too. */
const id = fc.integer({ min: 1, max: 200 }).map(String);
const price = fc.oneof(
  fc.integer({ min: 0, max: 999_999 }).map((units) => `"${(units / 100).toFixed(2)}"`),
  fc.integer({ min: 0, max: 999_999 }).map((units) => String(units / 100)),
);
const placedAt = fc.constantFrom(
  '"2026-01-02T03:04:05Z"',
  '"2026-01-02t03:04:05.123456789+23:59"',
  '"2026-02-30T00:00:00Z"',
);

/** The text of an order in a dialect, with hardly more than one thing wrong. */
function orderText(words: Dialect): fc.Arbitrary<string> {
  const item = object(
    member(
      words.product,
      fc.string({ minLength: 1, maxLength: 20 }).map((text) => JSON.stringify(`p${text}`)),
    ),
    member(words.quantity, fc.integer({ min: 1, max: 1_000 }).map(String)),
    member(words.unitPrice, price),
    extra,
  );
  const items = fc.array(item, { minLength: 1, maxLength: 3 }).map((texts) => `[${texts.join(",")}]`);
  return object(
    member(words.orderId, id),
    member(words.customerId, id),
    member(words.placedAt, placedAt),
    member(words.items, items),
    extra,
  );
}

/** What is done to the bytes of a text: at a place, a fraction of its length. */
type Edit = (bytes: Buffer, at: number) => Buffer;
const splice =
  (gone: number, put: string | Uint8Array): Edit =>
  (bytes, at) =>
    Buffer.concat([bytes.subarray(0, at), typeof put === "string" ? Buffer.from(put) : put, bytes.subarray(at + gone)]);
const insert = (put: string | Uint8Array) => splice(0, put);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.constant<Edit>((bytes, at) => bytes.subarray(0, at)),
  fc.constant<Edit>((bytes, at) => bytes.subarray(at)),
  fc.constant<Edit>((bytes, at) => Buffer.concat([bytes, bytes.subarray(0, at)])),
  fc.integer({ min: 1, max: 20 }).map((gone) => splice(gone, "")),
  fc.uint8Array({ minLength: 1, maxLength: 4 }).map(insert),
  fc
    .constantFrom("\u0000", "\ufeff", "{", "}", "]", '"', "\\", ",", "/**/", "\n", "\r\n", "\u2028", "\u001f", "💥")
    .map(insert),
  // Not UTF-8: a stray byte, one written too long, a surrogate, one beyond the last, one cut short.
  fc
    .constantFrom([0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82])
    .map((put) => insert(Uint8Array.from(put))),
);

const recode = fc.constantFrom<(bytes: Buffer) => Buffer>(
  (bytes) => Buffer.concat([Buffer.from("\ufeff"), bytes]),
  (bytes) => Buffer.from(bytes.toString(), "utf16le"),
  (bytes) => Buffer.from(bytes.toString(), "latin1"),
  (bytes) => gzipSync(bytes),
  (bytes) => Buffer.from(`[${bytes}]`),
  (bytes) => Buffer.from(JSON.stringify(bytes.toString())),
  () => Buffer.alloc(0),
);

function spoilt(text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const bytes = text.map((written): Buffer => Buffer.from(written));
  const edited = fc
    .tuple(bytes, fc.array(fc.tuple(edit, fc.nat(1_000)), { minLength: 1, maxLength: 2 }))
    .map(
      ([first, edits]): Buffer =>
        edits.reduce<Buffer>((now, [change, part]) => change(now, Math.floor((now.length * part) / 1_000)), first),
    );
  return fc.oneof(
    { weight: 5, arbitrary: bytes },
    { weight: 4, arbitrary: edited },
    { weight: 1, arbitrary: fc.tuple(bytes, recode).map(([first, change]): Buffer => change(first)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((any): Buffer => Buffer.from(any)) },
  );
}

/** The bytes of what hardly is an order, in the words of either door. */
export const hostileOrder = {
  english: spoilt(orderText(english)),
  portuguese: spoilt(orderText(portuguese)),
} as const;

const lineEnd = fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\n \t\r\n", "\u2028", "\u0000");

/** Many of them, one a line, cut anywhere. */
export const hostileLines: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.array(fc.tuple(hostileOrder.english, lineEnd), { maxLength: 30 }),
    fc.oneof({ weight: 3, arbitrary: fc.constant(1_000) }, { weight: 1, arbitrary: fc.nat(1_000) }),
  )
  .map(([lines, part]) => {
    const whole = Buffer.concat(lines.flatMap(([order, end]) => [order, Buffer.from(end)]));
    return whole.subarray(0, Math.floor((whole.length * part) / 1_000));
  });

/** As a JSON array. */
export const hostileArray: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.array(hostileOrder.english, { maxLength: 10 }),
    fc.constantFrom(["[", ",", "]"], ["[", ",,", "]"], ["", ",", "]"], ["[", ",", ""], ["[", ",", "]]"]),
  )
  .map(([orders, [open = "", comma = "", close = ""]]) => {
    const parts = orders.flatMap((order, index) => (index === 0 ? [order] : [Buffer.from(comma), order]));
    return Buffer.concat([Buffer.from(open), ...parts, Buffer.from(close)]);
  });

export const MEBIBYTE = 1024 * 1024;

/** What 1 MiB can be made of, nothing but faults for the most part: as many pieces as fit between two texts. */
export const FILLINGS: Readonly<
  Record<string, readonly [before: string, piece: (n: number) => string, after: string]>
> = {
  "unknown keys": ['{"a":0', (n) => `,"k${n}":null`, "}"],
  "unknown keys with escapes": ['{"a":0', (n) => `,"\\u0000~/${n}":null`, "}"],
  "unknown keys of an item": ['{"orderId":1,"customerId":1,"items":[{"a":0', (n) => `,"k${n}":null`, "}]}"],
  "one key again and again": ['{"orderId":0', (n) => `,"orderId":${n}`, "}"],
  "__proto__ in itself": ["", () => '{"__proto__":', "1"],
  "empty items": ['{"orderId":1,"customerId":1,"items":[{}', () => ",{}", "]}"],
  "items that are numbers": ['{"orderId":1,"customerId":1,"items":[0', () => ",0", "]}"],
  "orders in an array": ["[0", (n) => `,{"orderId":${n}}`, "]"],
  "open brackets": ["", () => "[", ""],
  "open braces": ["", () => '{"a":', ""],
  "brackets and their ends": ["[", () => "[],", "[]]"],
  "one long text": ['{"orderId":"', () => "é", '"}'],
  "one long text of escapes": ['{"orderId":"', () => "\\ud800", '"}'],
  "one long key": ['{"', () => "k", '":1}'],
  "one long number": ['{"orderId":1', () => "0", "}"],
  "one long fraction": ['{"orderId":0.', () => "1", "}"],
  "one long price": [
    '{"orderId":1,"customerId":1,"items":[{"product":"a","quantity":1,"unitPrice":"1',
    () => "1",
    '"}]}',
  ],
  "a product of white space": [
    '{"orderId":1,"customerId":1,"items":[{"product":"',
    () => "\u3000",
    '","quantity":1,"unitPrice":1}]}',
  ],
  "white space": ["", () => " ", ""],
  "line feeds": ["", () => "\n", ""],
  "short bad lines": ["", () => "x\n", ""],
  "lines of an empty object": ["", () => "{}\n", ""],
  "lines of faults": ["", (n) => `{"k${n}":0,"l":0,"m":0,"n":0}\n`, ""],
  "not UTF-8 at its end": ["", () => "a", "\ud800"],
};

/** A filling of so many bytes, or a few less. */
export function fill(name: string, bytes: number): Buffer {
  const [before, piece, after] = FILLINGS[name] ?? ["", () => "", ""];
  const pieces: string[] = [];
  let left = bytes - Buffer.byteLength(before + after);
  for (let n = 0; ; n++) {
    const next = piece(n);
    left -= Buffer.byteLength(next);
    if (left < 0 || next === "") break;
    pieces.push(next);
  }
  const text = Buffer.from(before + pieces.join("") + after);
  return Buffer.concat([text, Buffer.alloc(Math.max(0, bytes - text.length), " ")]);
}

import { expect, test } from "vitest";
import { splitArray } from "./split-array.ts";

/** → the elements as JSON values, or null if the text is no array. As the batch route uses it. */
function read(text: string): unknown[] | null {
  const values: unknown[] = [];
  const elements = splitArray(Buffer.from(text));
  for (let next = elements.next(); ; next = elements.next()) {
    if (next.done) return next.value ? values : null;
    if (next.value === null) continue;
    try {
      values.push(JSON.parse(next.value.toString()));
    } catch {
      return null;
    }
  }
}

/** → what JSON.parse makes of it, null if that is no array. */
function parse(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

const texts = [
  "[]",
  " \n[ ]\n ",
  "[1]",
  '[{"a":[1,2,{"b":"]},["}]},null, 5 ,"x\\",\\\\",[[]],{}]',
  '["\\\\","\\"","á\u{1F600}"]',
  "[1,]",
  "[,1]",
  "[,]",
  "[1 2]",
  "[1",
  "[",
  "",
  "  ",
  "]",
  "{}",
  "[}",
  "[1}",
  '[{"a":1]]',
  "[1]]",
  "[1] x",
  "[1][2]",
  '["a]',
  '["a\\"]',
  "null",
  "5",
  '"[1]"',
  "[[1,2],[3]]",
  "[tru]",
  "[1e400,-0]",
];

test.each(texts)("%j: as JSON.parse reads it", (text) => {
  expect(read(text)).toEqual(parse(text));
});

test("as JSON.parse reads thousands of spoilt arrays", () => {
  const good = '[{"orderId":1,"items":[{"p":"a,]}\\"","q":[1,[]]}]}, null ,"x\\\\",[{}],-1.5e3]';
  let seed = 7;
  const random = (n: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % n;
  };
  const bits = ['"', "{", "}", "[", "]", ",", ":", "\\", " ", "1", "null"];
  for (let i = 0; i < 20_000; i++) {
    let text = good;
    for (let changes = 1 + random(3); changes > 0; changes--) {
      const at = random(text.length);
      text = text.slice(0, at) + (random(2) ? bits[random(bits.length)] : "") + text.slice(at + random(3));
    }
    expect(read(text), text).toEqual(parse(text));
  }
});

test("yields while it scans a long element, at least once a quarter of a mebibyte and a little", () => {
  const elements = splitArray(Buffer.from(`[0,${JSON.stringify("x".repeat(1_000_000))},1]`));
  const found = [...elements].map((element) => element?.length ?? null);
  expect(found).toEqual([1, null, null, null, 1_000_002, 1]);
});

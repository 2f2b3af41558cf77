import { describe, expect, test } from "vitest";
import { splitLines } from "./split-lines.ts";

/** The lines of a text that is cut at the given places. */
function linesOf(bytes: Buffer, cuts: readonly number[], maxBytes = 1_000): [number, string][] {
  const splitter = splitLines(maxBytes);
  const lines: [number, string][] = [];
  const take = (generator: ReturnType<typeof splitter.feed>) => {
    for (const line of generator)
      lines.push([line.number, line.bytes === "too_long" ? "too_long" : line.bytes.toString()]);
  };
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    take(splitter.feed(bytes.subarray(start, cut)));
    start = cut;
  }
  take(splitter.end());
  return lines;
}

const TEXT = Buffer.from('first\n\r\n \t\naç\u{1F600}ão\r\n{"a":"b\\n"}\n\n\nlast');
const LINES = [
  [1, "first"],
  [4, "aç\u{1F600}ão"],
  [5, '{"a":"b\\n"}'],
  [8, "last"],
];

describe("splitLines", () => {
  test("wherever it is cut, inside characters and line ends too", () => {
    expect(linesOf(TEXT, [])).toEqual(LINES);
    for (let first = 0; first <= TEXT.length; first++) {
      for (let second = first; second <= TEXT.length; second++) {
        expect(linesOf(TEXT, [first, second])).toEqual(LINES);
      }
    }
    expect(
      linesOf(
        TEXT,
        Array.from(TEXT, (_, i) => i + 1),
      ),
    ).toEqual(LINES);
  });

  test("no line, blank lines only, a line feed at the end or none", () => {
    expect(linesOf(Buffer.from(""), [])).toEqual([]);
    expect(linesOf(Buffer.from("\n\r\n \n"), [])).toEqual([]);
    expect(linesOf(Buffer.from("a\n"), [])).toEqual([[1, "a"]]);
    expect(linesOf(Buffer.from("a"), [])).toEqual([[1, "a"]]);
  });

  test("a line of exactly the limit is kept, with LF, CR LF or neither; one byte more is not", () => {
    const [fits, over] = ["x".repeat(20), "x".repeat(21)];
    for (const end of ["\n", "\r\n", ""]) {
      for (const cut of [0, 1, 10, 20, 21]) {
        expect(linesOf(Buffer.from(fits + end), [Math.min(cut, fits.length)], 20)).toEqual([[1, fits]]);
        expect(linesOf(Buffer.from(over + end), [cut], 20)).toEqual([[1, "too_long"]]);
      }
    }
  });

  test("of a line that is too long nothing is kept, and the next one is whole", () => {
    const splitter = splitLines(1_000);
    const piece = Buffer.alloc(64 * 1024, "x");
    for (let i = 0; i < 1_000; i++) expect([...splitter.feed(piece)]).toEqual([]);
    const lines = [...splitter.feed(Buffer.from("x\ngood\n"))];
    expect(lines.map(({ number, bytes }) => [number, String(bytes)])).toEqual([
      [1, "too_long"],
      [2, "good"],
    ]);
  });
});

import type { Line } from "./split-lines.ts";

/** The lines of a row of CSV: more than one if a quoted cell has line ends in it. */
export type RowLines = {
  readonly lines: readonly Line[];
  /** What is wrong with its quotes; such a row is always one line. */
  readonly fault?: string;
};

/** How a line ends: the row with it, within quotes, or where a quote stands that must not. */
type Scanned = "row" | "quoted" | "stray";

const [QUOTE, CR] = [0x22, 0x0d];
/** A row has no more bytes, so that a quote that is never closed takes no more than that with it. */
const MAX_ROW_BYTES = 1024 * 1024;

/**
 * Splits lines into rows by their quotes (RFC 4180). A fault takes one line with it: if a quote isn't closed, or the row that it
 * makes does not have as many cells as the header, its first line is faulty, and the next one is read anew.
 */
export function splitRows(delimiter: number, columns: number) {
  let pending: Line[] = [];
  /** The row that is scanned has the lines from `first` up to `next`, which is to be scanned. */
  let [first, next, bytes, cells, isQuoted] = [0, 0, 0, 1, false];

  function startAt(line: number): void {
    [first, next, bytes, cells, isQuoted] = [line, line, 0, 1, false];
  }

  function scan({ bytes: line }: Line): Scanned {
    if (line === null) return "stray";
    if (!isQuoted && !line.includes(QUOTE)) return "row";
    let place = 0;
    if (!isQuoted && line[0] === QUOTE) [place, isQuoted] = [1, true];
    for (;;) {
      if (isQuoted) {
        const quote = line.indexOf(QUOTE, place);
        if (quote === -1) return "quoted";
        place = quote + 1;
        if (line[place] === QUOTE) {
          place++;
          continue;
        }
        isQuoted = false;
        const isEnd = place === line.length || (line[place] === CR && place + 1 === line.length);
        if (isEnd) return "row";
        if (line[place] !== delimiter) return "stray";
      } else {
        const end = line.indexOf(delimiter, place);
        const quote = line.indexOf(QUOTE, place);
        if (quote !== -1 && (end === -1 || quote < end)) return "stray";
        if (end === -1) return "row";
        place = end;
      }
      cells++;
      place++;
      if (line[place] === QUOTE) [place, isQuoted] = [place + 1, true];
    }
  }

  function* fault(reason: string): Generator<RowLines> {
    const line = pending[first];
    if (line !== undefined) yield { lines: [line], fault: reason };
    startAt(first + 1);
  }

  function* run(isLast: boolean): Generator<RowLines> {
    for (;;) {
      const line = pending[next];
      if (line === undefined && !(isLast && isQuoted)) break;
      const scanned = line === undefined || bytes + line.size > MAX_ROW_BYTES ? "unclosed" : scan(line);
      next++;
      bytes += line?.size ?? 0;
      const isOneLine = next - first === 1;
      if (scanned === "quoted") continue;
      if (scanned === "row" && (isOneLine || cells === columns)) {
        yield { lines: pending.slice(first, next) };
        startAt(next);
      } else if (isOneLine && line !== undefined && line.size > MAX_ROW_BYTES) {
        yield* fault(`has ${line.size} bytes; a row has at most ${MAX_ROW_BYTES}`);
      } else if (scanned === "stray" && isOneLine) {
        yield* fault('has a quote in the middle of a cell; quote the whole cell, and double each " in it');
      } else yield* fault("opens a quote that is not closed at the end of its cell");
    }
    pending = pending.slice(first);
    next -= first;
    first = 0;
  }

  return {
    feed(lines: readonly Line[]): Generator<RowLines> {
      for (const line of lines) pending.push(line);
      return run(false);
    },
    finish: () => run(true),
  };
}

/** → lines as they stood, an LF between them. */
export function originalOf(lines: readonly Line[]): Buffer {
  const [first] = lines;
  if (lines.length === 1 && first?.bytes) return first.bytes;
  return Buffer.from(lines.map(({ bytes }) => bytes?.toString("utf8") ?? "").join("\n"));
}

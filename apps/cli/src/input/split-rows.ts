import type { Line } from "./split-lines.ts";

/** The lines of a row of CSV: more than one if a quoted cell has line ends in it. */
export type RowLines = {
  readonly lines: readonly Line[];
  /** What is wrong with its quotes; such a row is always one line. */
  readonly fault?: string;
};

/** How a line ends: the row with it, within quotes, or with a quote in a wrong place. */
type Scanned = "row" | "quoted" | "stray";

/** How far a row is scanned: its cells so far, and whether its next line begins within quotes. */
type RowScan = { cells: number; isQuoted: boolean };

const [QUOTE, CR] = [0x22, 0x0d];
/** A row has no more bytes, so that a quote that is never closed takes no more than that with it. */
const MAX_ROW_BYTES = 1024 * 1024;

/**
 * Splits lines into rows by their quotes (RFC 4180). A fault takes one line with it: if a quote isn't closed, or the row that it
 * makes does not have as many cells as the header, its first line is faulty, and the next one begins a row again.
 */
export function splitRows(delimiter: number, columns: number) {
  let pending: Line[] = [];
  /** The row that is scanned has the lines from `first` up to `next`, which is to be scanned. */
  let [first, next, bytes] = [0, 0, 0];
  let row: RowScan = { cells: 1, isQuoted: false };

  function startAt(line: number): void {
    [first, next, bytes] = [line, line, 0];
    row = { cells: 1, isQuoted: false };
  }

  function* fault(reason: string): Generator<RowLines> {
    const line = pending[first];
    if (line !== undefined) yield { lines: [line], fault: reason };
    startAt(first + 1);
  }

  function* run(isLast: boolean): Generator<RowLines> {
    for (;;) {
      const line = pending[next];
      if (line === undefined && !(isLast && row.isQuoted)) break;
      const scanned =
        line === undefined || bytes + line.size > MAX_ROW_BYTES ? "unclosed" : scanLine(row, line, delimiter);
      next++;
      bytes += line?.size ?? 0;
      const isOneLine = next - first === 1;
      if (scanned === "quoted") continue;
      if (scanned === "row" && (isOneLine || row.cells === columns)) {
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

/** Scans a line of a row for its quotes, and counts the row's cells if it has some. */
function scanLine(row: RowScan, { bytes: line }: Line, delimiter: number): Scanned {
  if (line === null) return "stray";
  if (!row.isQuoted && !line.includes(QUOTE)) return "row";
  let place = 0;
  if (!row.isQuoted && line[0] === QUOTE) [place, row.isQuoted] = [1, true];
  for (;;) {
    const quote = line.indexOf(QUOTE, place);
    if (row.isQuoted) {
      if (quote === -1) return "quoted";
      place = quote + 1;
      if (line[place] === QUOTE) {
        place++;
        continue;
      }
      row.isQuoted = false;
      if (place === line.length || (line[place] === CR && place + 1 === line.length)) return "row";
      if (line[place] !== delimiter) return "stray";
    } else {
      const end = line.indexOf(delimiter, place);
      if (quote !== -1 && (end === -1 || quote < end)) return "stray";
      if (end === -1) return "row";
      place = end;
    }
    row.cells++;
    place++;
    if (line[place] === QUOTE) [place, row.isQuoted] = [place + 1, true];
  }
}

/** → lines as they stood, an LF between them. */
export function originalOf(lines: readonly Line[]): Buffer {
  const [first] = lines;
  if (lines.length === 1 && first?.bytes) return first.bytes;
  return Buffer.from(lines.map(({ bytes }) => bytes?.toString("utf8") ?? "").join("\n"));
}

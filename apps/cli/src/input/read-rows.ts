import { parse } from "csv-parse/sync";
import { exitCodes, Failure } from "../failure.ts";
import type { CsvColumn } from "./csv-column.ts";
import { type Columns, type CsvOptions, findColumns } from "./find-columns.ts";
import { isBlank, type Line, splitLines, withoutCr } from "./split-lines.ts";
import { originalOf, type RowLines, splitRows } from "./split-rows.ts";

/** A row of a CSV file under its header. */
export type Row = {
  /** The number of its first line. */
  readonly line: number;
  readonly size: number;
  /** As it stands in the file; null if it is too large to be kept. */
  readonly original: Buffer | null;
} & (
  | { readonly kind: "cells"; readonly cells: Cells }
  | {
      readonly kind: "faulty";
      /** The text where its order's id stands, if that can be read. */
      readonly orderId: string | null;
      readonly fault: string;
    }
);

export type Cells = Readonly<Partial<Record<CsvColumn, string>>>;

export type Rows = {
  /** The lines of the header, as they stand. They are known once the first rows are read. */
  readonly head: () => Buffer;
  readonly rows: AsyncGenerator<readonly Row[]>;
};

type Header = { readonly delimiter: string; readonly columns: Columns; readonly names: readonly string[] };

const DELIMITERS = [",", ";", "\t", "|"];
const MAX_HEADER_BYTES = 64 * 1024;
const SEP_LINE = /^sep=(.)$/i;

/**
 * Reads the rows of a CSV file. The delimiter is the one of `,`, `;`, tab and `|` that the header uses most, or that a line
 * `sep=;` before it names. Blank rows are left out. A row that is broken takes no other with it.
 *
 * @throws {Failure} if the header is wrong
 */
export function readRows(bytes: AsyncIterable<Buffer>, name: string, options: CsvOptions): Rows {
  const head: Buffer[] = [];
  async function* rows(): AsyncGenerator<readonly Row[]> {
    let [header, delimiter]: [Header | undefined, string | undefined] = [undefined, undefined];
    let splitter: ReturnType<typeof splitRows> | undefined;
    for await (const lines of splitLines(bytes)) {
      let rest = lines;
      while (header === undefined && rest.length > 0) {
        const [line, ...others] = rest;
        rest = others;
        if (line === undefined || (line.bytes !== null && isBlank(line.bytes))) continue;
        if (line.bytes === null || line.size > MAX_HEADER_BYTES) throw tooLong(name, line);
        head.push(line.bytes);
        const text = withoutCr(line.bytes).toString("utf8");
        const separator: string | undefined = delimiter === undefined ? SEP_LINE.exec(text)?.[1] : undefined;
        if (separator !== undefined) delimiter = separator;
        else header = readHeader(text, `${name}: line ${line.number}`, delimiter, options);
      }
      if (header === undefined) continue;
      splitter ??= splitRows(header.delimiter.charCodeAt(0), header.names.length);
      yield readCells([...splitter.feed(rest)], header, options);
    }
    if (header === undefined)
      throw new Failure(exitCodes.noInput, `${name} is empty; a CSV file begins with a header of its columns.`);
    if (splitter !== undefined) yield readCells([...splitter.finish()], header, options);
  }
  return { head: () => Buffer.concat(head.flatMap((line) => [line, Buffer.from("\n")])), rows: rows() };
}

function readHeader(text: string, where: string, given: string | undefined, options: CsvOptions): Header {
  if (/^[[{]/.test(text.trim())) {
    const reads = text.trim().startsWith("[") ? "a JSON array: --format json" : "one order a line: --format ndjson";
    throw new Failure(exitCodes.noInput, `${where} is JSON, no header of a CSV file. It may be ${reads}.`);
  }
  if (text.includes("\r"))
    throw new Failure(exitCodes.noInput, `${where}: lines end at CR alone. Save the file with LF or CR LF.`);
  const unquoted = text.replace(/"[^"]*"/g, "");
  const count = (delimiter: string) => unquoted.split(delimiter).length;
  const delimiter = given ?? DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best));
  const [names] = parseRows(text, delimiter, where);
  if (names === undefined) throw new Failure(exitCodes.noInput, `${where}: the header is blank.`);
  return { delimiter, names, columns: findColumns(names, where, options) };
}

function tooLong(name: string, { number, size }: Line): Failure {
  const what = `line ${number} should be the header of a CSV file, and has ${size} bytes`;
  return new Failure(exitCodes.noInput, `${name}: ${what}. Lines end at LF; --format names another format.`);
}

/** The lines hold whole rows, with sound quotes. */
function parseRows(text: string, delimiter: string, where = "CSV"): string[][] {
  try {
    return parse(text, { delimiter, record_delimiter: "\n", relax_column_count: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(exitCodes.noInput, `${where} is no header of a CSV file: ${reason}`);
  }
}

function readCells(split: readonly RowLines[], header: Header, options: CsvOptions): Row[] {
  const rows = split.filter(({ lines: [first] }) => first?.bytes === null || !isBlank(first?.bytes ?? Buffer.alloc(0)));
  const texts = rows.filter(({ fault }) => fault === undefined).map(textOf);
  const parsed = parseRows(texts.join("\n"), header.delimiter).values();
  return rows.flatMap((row): Row[] => {
    const { lines, fault } = row;
    const [first] = lines;
    if (first === undefined) return [];
    const size = lines.reduce((sum, line) => sum + line.size + 1, 0);
    const place = { line: first.number, size, original: first.bytes === null ? null : originalOf(lines) };
    if (fault !== undefined) return [{ ...place, kind: "faulty", orderId: idBefore(first, header), fault }];
    const cells = parsed.next().value ?? [];
    if (cells.every((cell) => cell === "")) return [];
    const wrong = wrongCount(cells, header, options);
    const orderId = cells[header.columns.indexOf("orderId")] || null;
    if (wrong !== undefined) return [{ ...place, kind: "faulty", orderId, fault: wrong }];
    return [{ ...place, kind: "cells", cells: cellsOf(cells, header) }];
  });
}

/** Cells beyond the header are none if they are empty: spreadsheets write them. */
function wrongCount(
  cells: readonly string[],
  { columns, names }: Header,
  { ignoreExtra }: CsvOptions,
): string | undefined {
  const isShort = columns.some((column, index) => column !== null && index >= cells.length);
  const isLong = cells.some((cell, index) => index >= columns.length && cell !== "");
  if (isShort || isLong) return `has ${cells.length} cells, the header has ${columns.length}`;
  if (ignoreExtra) return undefined;
  const unnamed = cells.findIndex((cell, index) => cell !== "" && names[index]?.trim() === "");
  return unnamed === -1 ? undefined : `has a cell in column ${unnamed + 1}, which the header does not name`;
}

function cellsOf(cells: readonly string[], { columns }: Header): Cells {
  return Object.fromEntries(
    columns.flatMap((column, index) => (column === null ? [] : [[column, cells[index] ?? ""]])),
  );
}

/** → the id that stands before the fault of a row; null if it is unknown. */
function idBefore({ bytes }: Line, { columns, delimiter }: Header): string | null {
  const cells = (bytes?.subarray(0, 1_000).toString("utf8") ?? "").split(delimiter);
  const index = columns.indexOf("orderId");
  if (cells.slice(0, index).some((cell) => cell.includes('"'))) return null;
  return /^"?(\d+)"?$/.exec(cells[index] ?? "")?.[1] ?? null;
}

function textOf({ lines }: RowLines): string {
  return withoutCr(originalOf(lines)).toString("utf8");
}

import { limits } from "@pedidos/domain";
import { exitCodes, Failure } from "../failure.ts";
import { type Checked, checkJson, type FoundOrder, tooLarge } from "./check-order.ts";
import { isCsvColumn } from "./csv-column.ts";
import type { CsvOptions } from "./find-columns.ts";
import { groupRows } from "./group-rows.ts";
import { localeOf } from "./locale.ts";
import type { Input } from "./open-input.ts";
import { type Row, readRows } from "./read-rows.ts";
import { openBrazilianCheck } from "./refuse-brazilian.ts";
import { rejectRepeats } from "./reject-repeats.ts";
import { splitArray } from "./split-array.ts";
import { isBlank, splitLines, withoutCr } from "./split-lines.ts";

export type Reading = {
  /** @throws {Failure} where the file can't be read on */
  readonly orders: AsyncGenerator<FoundOrder>;
  /** → what a report of its orders begins with: the header of a CSV file, once the first order is read. */
  readonly head: () => Buffer;
};

/** Of a pipe so many rows are inspected before the first is sent. */
const ROWS_INSPECTED = 1_000;

/**
 * Reads the orders of a file one by one, in flat memory, and checks them by the server's rules. A regular file is read twice,
 * so that one that can't be read to its end is refused before anything of it is sent.
 */
export function readOrders(input: Input, options: CsvOptions): Reading {
  let head = (): Buffer => Buffer.alloc(0);
  async function* orders(): AsyncGenerator<FoundOrder> {
    const { file, format, name } = input;
    if (format === "csv") {
      if (file !== null) await readThrough(input, options);
      const { rows, head: headOfRows } = readRows(input.read(), name, options);
      head = headOfRows;
      const checked = file !== null || options.locale !== undefined ? rows : firstChecked(rows, name);
      return yield* rejectRepeats(ordersOf(checked, options), "rows");
    }
    if (file !== null) await readThrough(input, options);
    yield* rejectRepeats(format === "json" ? readArray(input) : readLines(input), "orders");
  }
  return { orders: orders(), head: () => head() };
}

/** Reads a file to its end. @throws {Failure} if that does not go */
async function readThrough(input: Input, options: CsvOptions): Promise<void> {
  const { format, name } = input;
  if (format === "csv") {
    const check = openBrazilianCheck(name);
    for await (const rows of readRows(input.read(), name, options).rows) check.add(rows);
    if (options.locale === undefined) check.finish();
  } else if (format === "json") for await (const _ of splitArray(input.read(), name));
  else for await (const _ of input.read());
}

async function* firstChecked(rows: AsyncIterable<readonly Row[]>, name: string): AsyncGenerator<readonly Row[]> {
  const check = openBrazilianCheck(name);
  let [held, count]: [(readonly Row[])[], number] = [[], 0];
  for await (const some of rows) {
    if (count >= ROWS_INSPECTED) {
      yield some;
      continue;
    }
    check.add(some);
    held.push(some);
    count += some.length;
    if (count < ROWS_INSPECTED) continue;
    check.finish();
    yield* held;
    held = [];
  }
  if (count < ROWS_INSPECTED) check.finish();
  yield* held;
}

async function* ordersOf(rows: AsyncIterable<readonly Row[]>, options: CsvOptions): AsyncGenerator<FoundOrder> {
  const grouper = groupRows(options.locale ?? localeOf());
  for await (const some of rows) for (const row of some) yield* grouper.add(row);
  yield* grouper.finish();
}

async function* readLines(input: Input): AsyncGenerator<FoundOrder> {
  let isFirst = true;
  for await (const lines of splitLines(input.read()))
    for (const { number: line, bytes: original, size } of lines) {
      if (original !== null && isBlank(original)) {
        if (size <= limits.bytes) continue;
      } else if (isFirst && original !== null) refuseOtherFormat(original, `${input.name}: line ${line}`);
      isFirst = false;
      const length = original === null ? size : withoutCr(original).length;
      yield { line, original, ...checked(original, length, "the line") };
    }
}

/** An element may take several lines; in the report it takes one. */
async function* readArray(input: Input): AsyncGenerator<FoundOrder> {
  for await (const elements of splitArray(input.read(), input.name))
    for (const { position: line, bytes, size } of elements)
      yield { line, original: bytes && onOneLine(bytes), ...checked(bytes, size, "the order") };
}

function checked(original: Buffer | null, size: number, what: string): Checked {
  return original === null || size > limits.bytes ? tooLarge(what, size, original !== null) : checkJson(original);
}

function onOneLine(bytes: Buffer): Buffer {
  const text = bytes.toString("utf8").trim();
  return Buffer.from(/[\n\r]/.test(text) ? text.replace(/[ \t]*[\r\n]+[ \t\r\n]*/g, " ") : text);
}

/** @throws {Failure} if the first line is that of another format: a report of every line would help nobody */
function refuseOtherFormat(first: Buffer, where: string): void {
  const text = first.subarray(0, 10_000).toString("utf8").trim();
  const isArray = /^\[\s*(\{|$)/.test(text);
  const isHeader = text.split(/[,;|\t]/).filter((name) => isCsvColumn(name.replaceAll('"', "").trim())).length > 1;
  if (!isArray && !isHeader) return;
  const [what, format] = isArray ? ["a JSON array", "json"] : ["the header of a CSV file", "csv"];
  throw new Failure(
    exitCodes.noInput,
    `${where} is ${what}, where one order a line is expected. --format ${format} reads it.`,
  );
}

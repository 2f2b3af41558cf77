import { Readable } from "node:stream";
import { parse } from "csv-parse";
import Type from "typebox";
import { Value } from "typebox/value";
import { exitCodes, Failure } from "../failure.ts";
import { checkOrder, type FoundOrder } from "./check-order.ts";

export const csvColumns = ["orderId", "customerId", "placedAt", "product", "quantity", "unitPrice"] as const;
const OPTIONAL = "placedAt";

/** A row, and the number of its last line. */
const Row = Type.Object({
  record: Type.Record(Type.String(), Type.String()),
  info: Type.Object({ lines: Type.Integer() }),
});
type Row = Type.Static<typeof Row>;

/**
 * Reads the orders of a CSV file with a header: a row an item, the rows of an order in sequence. The delimiter is the one of
 * `,`, `;` and tab that the header uses. Numbers are read as they are written; a decimal comma is a fault.
 */
export async function* readCsv(bytes: Readable): AsyncGenerator<FoundOrder> {
  let rows: Row[] = [];
  const chunks: AsyncIterator<Buffer, undefined> = bytes[Symbol.asyncIterator]();
  const { value: first = Buffer.alloc(0) } = await chunks.next();
  const parser = Readable.from(after(first, chunks)).pipe(
    parse({ bom: true, columns: checkHeader, delimiter: delimiterOf(first), info: true, skip_empty_lines: true }),
  );
  bytes.on("error", (error) => parser.destroy(error));
  try {
    for await (const row of parser) {
      if (!Value.Check(Row, row)) throw new Error("csv-parse gives rows of another shape");
      if (rows[0] !== undefined && rows[0].record.orderId !== row.record.orderId) {
        yield orderOf(rows);
        rows = [];
      }
      rows.push(row);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("CSV_"))
      throw new Failure(exitCodes.noInput, `The file is no CSV that can be read: ${error.message}.`);
    throw error;
  }
  if (rows.length > 0) yield orderOf(rows);
}

async function* after(first: Buffer, rest: AsyncIterator<Buffer, undefined>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Where decimals have a comma, spreadsheets delimit by semicolons. */
function delimiterOf(start: Buffer): string {
  const [header = ""] = start.toString("utf8").split("\n", 1);
  return [";", "\t"].find((delimiter) => header.includes(delimiter)) ?? ",";
}

function checkHeader(header: string[]): string[] {
  const names = header.map((name) => name.trim());
  const missing = csvColumns.filter((name) => name !== OPTIONAL && !names.includes(name));
  const unknown = names.filter((name) => !csvColumns.some((known) => known === name));
  if (missing.length + unknown.length === 0) return names;
  const faults = [
    ...(missing.length > 0 ? [`lacks ${missing.join(", ")}`] : []),
    ...(unknown.length > 0 ? [`has unknown columns ${unknown.join(", ")}`] : []),
  ];
  throw new Failure(
    exitCodes.noInput,
    `The file's header ${faults.join(" and ")}. It must be ${csvColumns.join(",")} (${OPTIONAL} may be left out), a row an item.`,
  );
}

function orderOf(rows: readonly Row[]): FoundOrder {
  const [first] = rows;
  if (first === undefined) throw new Error("an order has at least one row");
  const { orderId = "", customerId = "", placedAt = "" } = first.record;
  const differs = rows.some(({ record }) => record.customerId !== customerId || (record.placedAt ?? "") !== placedAt);
  const line = first.info.lines;
  const original = rows.map(({ record }) => csvColumns.map((name) => quoted(record[name] ?? "")).join(",")).join("\n");
  if (differs)
    return {
      line,
      original,
      kind: "rejected",
      orderId: Number(orderId) || null,
      faults: [{ pointer: "", detail: "its rows differ in customerId or placedAt; they must be the same in each" }],
    };
  return checkOrder(line, original, {
    orderId: numberOf(orderId),
    customerId: numberOf(customerId),
    ...(placedAt !== "" && { placedAt }),
    items: rows.map(({ record: { product, quantity = "", unitPrice } }) => ({
      product,
      quantity: numberOf(quantity),
      unitPrice,
    })),
  });
}

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A text that is no number stays as it is, and the check finds the fault. */
function numberOf(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { exitCodes, Failure } from "../failure.ts";
import { checkOrder, checkText, type FoundOrder } from "./check-order.ts";
import type { Input } from "./open-input.ts";
import { readCsv } from "./read-csv.ts";

/** Reads the orders of a file one by one, and checks them by the server's rules. Only a JSON array is held in memory. */
export function readOrders({ bytes, format }: Input): AsyncGenerator<FoundOrder> {
  if (format === "csv") return readCsv(bytes);
  return format === "json" ? readArray(bytes) : readLines(bytes);
}

async function* readLines(bytes: Readable): AsyncGenerator<FoundOrder> {
  let line = 0;
  for await (const original of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (original.trim() === "") continue;
    yield checkText(line, original);
  }
}

async function* readArray(bytes: Readable): AsyncGenerator<FoundOrder> {
  const values = parseArray(await buffer(bytes));
  for (const [index, value] of values.entries()) yield checkOrder(index + 1, JSON.stringify(value), value);
}

function parseArray(bytes: Buffer): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new Failure(
      exitCodes.noInput,
      "The file is no JSON array. Where it has one order a line, say --format ndjson; large arrays become that by jq -c '.[]'.",
    );
  }
  if (Array.isArray(value)) return value;
  throw new Failure(exitCodes.noInput, "The file is JSON, but no array of orders. Put the order between [ and ].");
}

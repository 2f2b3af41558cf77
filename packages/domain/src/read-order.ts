import { type Dialect, english } from "./dialect.ts";
import { findOrderId } from "./find-order-id.ts";
import { CLOSE, endOfString, KIND, OPEN, QUOTE } from "./json-bytes.ts";
import type { Fault, Order } from "./order.ts";
import { parseOrder } from "./parse-order.ts";

export type ReadOrder =
  | { readonly kind: "order"; readonly order: Order }
  | {
      readonly kind: "rejected";
      readonly reason: "invalid_json" | "invalid_order";
      readonly faults: readonly Fault[];
      readonly orderId: number | null;
    };

/** Reads an order from the bytes of a body, a line or a message: {@link readJson}, then {@link parseOrder}. Never throws. */
export function readOrder(bytes: Uint8Array, dialect: Dialect = english): ReadOrder {
  const read = readJson(bytes);
  if (read.kind === "not_json") {
    const detail = `${read.found}; must be one JSON object in UTF-8, without a byte order mark`;
    const orderId = findOrderId(bytes, dialect);
    return { kind: "rejected", reason: "invalid_json", faults: [{ pointer: "", detail }], orderId };
  }
  const parsed = parseOrder(read.value, dialect);
  if (parsed.kind === "order") return parsed;
  return { kind: "rejected", reason: "invalid_order", faults: parsed.faults, orderId: parsed.orderId };
}

/** What bytes hold, or what was found where JSON should be, in words. */
type ReadJson =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "not_json"; readonly found: string };

/** Deeper nesting is not read: a megabyte of open brackets keeps `JSON.parse` busy for a fifth of a second. */
const MOST_LEVELS = 131_072;

// ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads JSON: strict UTF-8 without a byte order mark, nested up to 131072 levels deep. Never throws. */
export function readJson(bytes: Uint8Array): ReadJson {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { kind: "not_json", found: "is not UTF-8" };
  }
  if (bytes.length > MOST_LEVELS && isTooDeep(bytes))
    return { kind: "not_json", found: `is nested more than ${MOST_LEVELS} levels deep` };
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch (error) {
    return { kind: "not_json", found: describeText(text, error) };
  }
}

/** Describes where JSON ended, without the engine's own message: that quotes the text, which a database may refuse to keep. */
function describeText(text: string, error: unknown): string {
  if (text.startsWith("\ufeff")) return "starts with a byte order mark";
  if (text.trim() === "") return "is empty";
  const position = error instanceof SyntaxError ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "is not JSON" : `is not JSON (at character ${position})`;
}

function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position] ?? 0;
    if (byte === QUOTE) position = endOfString(bytes, position + 1);
    else if ((byte | KIND) === CLOSE) depth--;
    else if ((byte | KIND) === OPEN && ++depth > MOST_LEVELS) return true;
  }
  return false;
}

import { type Dialect, english } from "./dialect.ts";
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

// ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads an order from the bytes of a body, a line or a message: strict UTF-8 without a byte order mark, JSON, then
 * {@link parseOrder}. Never throws, whatever the bytes.
 */
export function readOrder(bytes: Uint8Array, dialect: Dialect = english): ReadOrder {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refuseJson("is not UTF-8");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuseJson(describeText(text, error));
  }
  const parsed = parseOrder(value, dialect);
  if (parsed.kind === "order") return parsed;
  return { kind: "rejected", reason: "invalid_order", faults: parsed.faults, orderId: parsed.orderId };
}

function refuseJson(found: string): ReadOrder {
  const faults = [{ pointer: "", detail: `${found}; must be one JSON object in UTF-8, without a byte order mark` }];
  return { kind: "rejected", reason: "invalid_json", faults, orderId: null };
}

/** Tells where JSON ended, without the engine's own message: that quotes the text, which a database may refuse to keep. */
function describeText(text: string, error: unknown): string {
  if (text.startsWith("\ufeff")) return "starts with a byte order mark";
  if (text.trim() === "") return "is empty";
  const position = error instanceof SyntaxError ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "is not JSON" : `is not JSON (at character ${position})`;
}

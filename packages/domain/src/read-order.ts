import { type Dialect, english } from "./dialect.ts";
import { findOrderId } from "./find-order-id.ts";
import type { Fault, Order } from "./order.ts";
import { parseOrder } from "./parse-order.ts";
import { readJson } from "./read-json.ts";

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

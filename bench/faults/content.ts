import type { Item } from "./history.ts";

/** What makes two orders of one id the same, as text; written independently, so that it checks the one of the domain. */
export function contentOf(order: { readonly customerId: number; readonly items: readonly Item[] }): string {
  return JSON.stringify([order.customerId, ...order.items]);
}

/** The exact total in units of 1/10000. */
export function totalOf(items: readonly Item[]): bigint {
  return items.reduce((sum, [, quantity, priceUnits]) => sum + BigInt(quantity) * BigInt(priceUnits), 0n);
}

/** "12.5" → 125000n. */
export function unitsOf(decimal: string): bigint {
  const [whole = "", decimals = ""] = decimal.split(".");
  return BigInt(whole + decimals.slice(0, 4).padEnd(4, "0"));
}

/** Reads a kept body in the English form; undefined if it is none. */
export function readContent(text: string): { orderId: number; content: string } | undefined {
  const order = parse(text);
  if (!isRecord(order) || typeof order.orderId !== "number" || typeof order.customerId !== "number") return undefined;
  if (!Array.isArray(order.items)) return undefined;
  const items: Item[] = [];
  for (const item of order.items) {
    if (!isRecord(item) || typeof item.product !== "string" || typeof item.quantity !== "number") return undefined;
    items.push([item.product, item.quantity, Number(unitsOf(String(item.unitPrice)))]);
  }
  return { orderId: order.orderId, content: contentOf({ customerId: order.customerId, items }) };
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

import { type Dialect, english, type Fault, type Order, parseOrder, portuguese } from "@pedidos/domain";

/** One order of a file, where it stands there, and what it is. `line` counts from 1; of a JSON array it is the place. */
export type FoundOrder = {
  readonly line: number;
  /** As it stands in the file, to be written into a report. */
  readonly original: string;
} & (
  | { readonly kind: "order"; readonly order: Order }
  | { readonly kind: "rejected"; readonly orderId: number | null; readonly errors: readonly Fault[] }
);

/** → what an order, or what else stands in its place, is. */
export function checkOrder(line: number, original: string, value: unknown): FoundOrder {
  const parsed = parseOrder(value, dialectOfText(original));
  return parsed.kind === "order"
    ? { line, original, kind: "order", order: parsed.order }
    : { line, original, kind: "rejected", orderId: parsed.orderId, errors: parsed.faults };
}

/** A file of the replaced system's orders has its words, in every line. */
export function dialectOfText(text: string): Dialect {
  return text.includes(`"${portuguese.orderId}"`) && !text.includes(`"${english.orderId}"`) ? portuguese : english;
}

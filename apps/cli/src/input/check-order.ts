import {
  type Dialect,
  english,
  type Fault,
  type Order,
  type ParsedOrder,
  parseOrder,
  portuguese,
  type ReadOrder,
  readOrder,
} from "@pedidos/domain";

/** One order of a file, where it stands there, and what it is. `line` counts from 1; of a JSON array it is the place. */
export type FoundOrder = {
  readonly line: number;
  /** As it stands in the file, to be written into a report. */
  readonly original: string;
} & (
  | { readonly kind: "order"; readonly order: Order }
  | { readonly kind: "rejected"; readonly orderId: number | null; readonly errors: readonly Fault[] }
);

/** → what an order's JSON text, or what else stands in its place, is. */
export function checkText(line: number, original: string): FoundOrder {
  return found(line, original, readOrder(Buffer.from(original), dialectOfText(original)));
}

/** The same of an order that is read already. */
export function checkOrder(line: number, original: string, value: unknown): FoundOrder {
  return found(line, original, parseOrder(value, dialectOfText(original)));
}

function found(line: number, original: string, parsed: ParsedOrder | ReadOrder): FoundOrder {
  return parsed.kind === "order"
    ? { line, original, kind: "order", order: parsed.order }
    : { line, original, kind: "rejected", orderId: parsed.orderId, errors: parsed.faults };
}

/** A file of the replaced system's orders has its words, in every line. */
function dialectOfText(text: string): Dialect {
  return text.includes(`"${portuguese.orderId}"`) && !text.includes(`"${english.orderId}"`) ? portuguese : english;
}

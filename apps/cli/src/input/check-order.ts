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

/** One order of a file. `line` counts from 1; in a JSON array it is the position. */
export type FoundOrder = {
  readonly line: number;
  /** Its text in the file, for the report. */
  readonly original: string;
} & (
  | { readonly kind: "order"; readonly order: Order }
  | { readonly kind: "rejected"; readonly orderId: number | null; readonly faults: readonly Fault[] }
);

/** Checks the JSON text of an order, or the text in its place. */
export function checkText(line: number, original: string): FoundOrder {
  return found(line, original, readOrder(Buffer.from(original), dialectOfText(original)));
}

/** Checks an order that is parsed already. */
export function checkOrder(line: number, original: string, value: unknown): FoundOrder {
  return found(line, original, parseOrder(value, dialectOfText(original)));
}

function found(line: number, original: string, parsed: ParsedOrder | ReadOrder): FoundOrder {
  return parsed.kind === "order"
    ? { line, original, kind: "order", order: parsed.order }
    : { line, original, kind: "rejected", orderId: parsed.orderId, faults: parsed.faults };
}

/** → the language of an order's names: every line of the replaced system's files has its own. */
function dialectOfText(text: string): Dialect {
  return text.includes(`"${portuguese.orderId}"`) && !text.includes(`"${english.orderId}"`) ? portuguese : english;
}

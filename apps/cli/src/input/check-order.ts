import {
  type Dialect,
  english,
  type Fault,
  findOrderId,
  limits,
  type Order,
  parseOrder,
  portuguese,
  readJson,
  readOrder,
} from "@pedidos/domain";

/** One order of a file. `line` counts from 1; in a JSON array it is the position. */
export type FoundOrder = {
  readonly line: number;
  /** As it stands in the file, in UTF-8, for the report; null if it is too large to be kept. */
  readonly original: Buffer | null;
} & Checked;

export type Checked = { readonly kind: "order"; readonly order: Order } | Rejected;

export type Rejected = {
  readonly kind: "rejected";
  readonly orderId: number | null;
  readonly faults: readonly Fault[];
};

/** Checks the JSON of an order, in our names or the replaced system's, or what stands in its place. */
export function checkJson(bytes: Buffer): Checked {
  const read = readJson(bytes);
  if (read.kind === "json") return checkOrder(read.value, dialectOfKeys(read.value));
  const refused = readOrder(bytes);
  if (refused.kind === "order") return refused;
  const { faults, orderId } = refused;
  return { kind: "rejected", faults, orderId: orderId ?? findOrderId(bytes, portuguese) };
}

/** Checks an order that is parsed already. */
export function checkOrder(value: unknown, dialect: Dialect = english): Checked {
  const parsed = parseOrder(value, dialect);
  return parsed.kind === "order" ? parsed : { kind: "rejected", orderId: parsed.orderId, faults: parsed.faults };
}

/** What is larger than the server takes. @param what it is, as in "the line" */
export function tooLarge(what: string, size: number, isKept: boolean): Rejected {
  const detail = `${what} has ${size} bytes; an order has at most ${limits.bytes}${isKept ? "" : ". It is too large for the report, too"}`;
  return { kind: "rejected", orderId: null, faults: [{ pointer: "", detail }] };
}

/** → the language of an order's names: every line of the replaced system's files has its own. */
function dialectOfKeys(value: unknown): Dialect {
  const has = (key: string) => typeof value === "object" && value !== null && Object.hasOwn(value, key);
  return has(portuguese.orderId) && !has(english.orderId) ? portuguese : english;
}

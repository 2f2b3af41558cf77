import { type Dialect, english } from "./dialect.ts";
import {
  describe,
  type FieldRule,
  idRule,
  isLongerThan,
  placedAtRule,
  priceRule,
  productRule,
  quantityRule,
} from "./field-rules.ts";
import { type Fault, limits, type Order, type OrderItem } from "./order.ts";

/** So many faults are reported; the search stops there, so that no body keeps the process busy for long. */
const MAX_FAULTS = 100;
/** Stands for the index of an item if a field belongs to the order itself. */
const ROOT = -1;
/** A key longer than this many code points is reported at its parent's pointer. */
const MAX_KEY_LENGTH = 200;

/** `orderId` beside faults is the order's id if that alone is good, so that a rejection can be found by it. */
export type ParsedOrder =
  | { readonly kind: "order"; readonly order: Order }
  | { readonly kind: "faults"; readonly faults: readonly Fault[]; readonly orderId: number | null };

type JsonObject = Readonly<Record<string, unknown>>;

/** What one search needs: the dialect, made ready, and the faults found so far. */
type Search = { readonly reader: Reader; readonly faults: Fault[] };

type Reader = {
  readonly words: Dialect;
  readonly price: FieldRule<number>;
  /** The keys an order and an item may have; null if other keys are ignored. */
  readonly orderKeys: readonly string[] | null;
  readonly itemKeys: readonly string[] | null;
};

const readers = new WeakMap<Dialect, Reader>();

/**
 * Reads an order: the only validator, for every door. Nothing is coerced.
 *
 * @param value what `JSON.parse` gave. Never throws for such a value, nor changes it.
 * @returns the order, or 1 to 100 faults in the order of the fields, those of unknown keys after each object's own.
 */
export function parseOrder(value: unknown, dialect: Dialect = english): ParsedOrder {
  const reader = readerOf(dialect);
  const { words } = reader;
  if (!isObject(value)) {
    const detail = noObject(value, words.orderId, words.customerId, words.items);
    return { kind: "faults", faults: [{ pointer: "", detail }], orderId: null };
  }
  const search: Search = { reader, faults: [] };
  const orderId = readField(search, idRule, value, words.orderId, ROOT);
  const customerId = readField(search, idRule, value, words.customerId, ROOT);
  const placedAt = words.placedAt === undefined ? null : readField(search, placedAtRule, value, words.placedAt, ROOT);
  const items = readItems(search, value);
  if (reader.orderKeys !== null) reportUnknownKeys(search, value, reader.orderKeys, ROOT);
  if (
    search.faults.length > 0 ||
    orderId === undefined ||
    customerId === undefined ||
    placedAt === undefined ||
    items === undefined
  )
    return { kind: "faults", faults: search.faults, orderId: orderId ?? null };
  return { kind: "order", order: { orderId, customerId, placedAt, items } };
}

function readItems(search: Search, order: JsonObject): OrderItem[] | undefined {
  const { words } = search.reader;
  const list = own(order, words.items);
  if (!Array.isArray(list) || list.length === 0 || list.length > limits.items) {
    const found = Array.isArray(list) ? `has ${list.length} items` : describe(list);
    report(search, `/${words.items}`, `${found}; must be an array of 1 to ${limits.items} items`);
    return undefined;
  }
  const items: OrderItem[] = [];
  for (let index = 0; index < list.length && !isFull(search); index++) {
    const item = readItem(search, list[index], index);
    if (item !== undefined) items.push(item);
  }
  return items;
}

function readItem(search: Search, value: unknown, index: number): OrderItem | undefined {
  const { words, price, itemKeys } = search.reader;
  if (!isObject(value)) {
    report(search, parentPointer(words, index), noObject(value, words.product, words.quantity, words.unitPrice));
    return undefined;
  }
  const product = readField(search, productRule, value, words.product, index);
  const quantity = readField(search, quantityRule, value, words.quantity, index);
  const priceUnits = readField(search, price, value, words.unitPrice, index);
  if (itemKeys !== null) reportUnknownKeys(search, value, itemKeys, index);
  if (product === undefined || quantity === undefined || priceUnits === undefined) return undefined;
  return { product, quantity, priceUnits };
}

/** @param index of the item the field belongs to, or ROOT. */
function readField<Value>(
  search: Search,
  rule: FieldRule<Value>,
  object: JsonObject,
  key: string,
  index: number,
): Value | undefined {
  const value = own(object, key);
  const read = rule.read(value);
  if (read === undefined) {
    const pointer = `${parentPointer(search.reader.words, index)}/${key}`;
    report(search, pointer, `${rule.wrong(value)}; must be ${rule.expected}`);
  }
  return read;
}

function reportUnknownKeys(search: Search, object: JsonObject, known: readonly string[], index: number): void {
  // for…in, not Object.keys: once the faults are full, the keys that are left are not inspected.
  for (const key in object) {
    if (isFull(search)) return;
    if (known.includes(key) || !Object.hasOwn(object, key)) continue;
    const parent = parentPointer(search.reader.words, index);
    const expected = `expected ${known.join(", ")}`;
    if (isLongerThan(key, MAX_KEY_LENGTH)) {
      report(search, parent, `has an unknown key of more than ${MAX_KEY_LENGTH} code points; ${expected}`);
    } else report(search, `${parent}/${escapeKey(key)}`, `is an unknown key; ${expected}`);
  }
}

function report(search: Search, pointer: string, detail: string): void {
  if (!isFull(search)) search.faults.push({ pointer, detail });
}

function isFull(search: Search): boolean {
  return search.faults.length >= MAX_FAULTS;
}

function parentPointer(words: Dialect, index: number): string {
  return index === ROOT ? "" : `/${words.items}/${index}`;
}

function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The value of an object's own key; undefined if it is missing. Never one of the prototype's. */
function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function noObject(value: unknown, ...keys: string[]): string {
  return `${describe(value)}; must be an object with ${keys.join(", ")}`;
}

function readerOf(words: Dialect): Reader {
  let reader = readers.get(words);
  if (reader === undefined) {
    const isStrict = words.unknownKeys === "fault";
    const placedAt = words.placedAt === undefined ? [] : [words.placedAt];
    reader = {
      words,
      price: priceRule(words.priceNoise),
      orderKeys: isStrict ? [words.orderId, words.customerId, ...placedAt, words.items] : null,
      itemKeys: isStrict ? [words.product, words.quantity, words.unitPrice] : null,
    };
    readers.set(words, reader);
  }
  return reader;
}

import type { Dialect } from "./dialect.ts";

/** JSON texts by our own names of the fields, as they stand in a body; undefined leaves a field out. */
type Written = {
  readonly orderId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly placedAt?: string | undefined;
  readonly items?: string | undefined;
  readonly item?: {
    readonly product?: string | undefined;
    readonly quantity?: string | undefined;
    readonly unitPrice?: string | undefined;
  };
  /** Further keys, ready to stand in the order and in its first item. */
  readonly extra?: string;
  readonly itemExtra?: string;
};

/** For tests: the JSON text of an order of two items, in a dialect, with some of its fields replaced by other JSON. */
export function writtenOrder(words: Dialect, changes: Written = {}): string {
  const members = (pairs: readonly (readonly [string | undefined, string | undefined])[], extra: string | undefined) => {
    const told = pairs.flatMap(([key, json]) => (key === undefined || json === undefined ? [] : [`"${key}":${json}`]));
    return `{${[...told, ...(extra === undefined ? [] : [extra])].join(",")}}`;
  };
  const item = { product: '"a"', quantity: "1", unitPrice: "1", ...changes.item };
  const items = [item, { product: '"b"', quantity: "2", unitPrice: "2" }].map((i, index) =>
    members(
      [
        [words.product, i.product],
        [words.quantity, i.quantity],
        [words.unitPrice, i.unitPrice],
      ],
      index === 0 ? changes.itemExtra : undefined,
    ),
  );
  const order = { orderId: "5", customerId: "7", items: `[${items.join(",")}]`, ...changes };
  return members(
    [
      [words.orderId, order.orderId],
      [words.customerId, order.customerId],
      [words.placedAt, order.placedAt],
      [words.items, order.items],
    ],
    changes.extra,
  );
}

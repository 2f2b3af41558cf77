import type { Dialect } from "./dialect.ts";

const FIELDS = ["orderId", "customerId", "placedAt", "items", "product", "quantity", "unitPrice"] as const;

/** JSON texts by our own names of the fields, as they stand in a body; undefined leaves a field out. */
type Fields = { readonly [Field in (typeof FIELDS)[number]]?: string | undefined };

type Changes = Fields & {
  readonly item?: Fields;
  /** Further keys, ready to stand in the order and in its first item. */
  readonly extra?: string;
  readonly itemExtra?: string;
};

/** For tests: the JSON text of an order of two items, in a dialect, with some of its fields replaced by other JSON. */
export function writtenOrder(words: Dialect, { item, extra, itemExtra, ...order }: Changes = {}): string {
  const first = written(words, { product: '"a"', quantity: "1", unitPrice: "1", ...item }, itemExtra);
  const second = written(words, { product: '"b"', quantity: "2", unitPrice: "2" });
  return written(words, { orderId: "5", customerId: "7", items: `[${first},${second}]`, ...order }, extra);
}

function written(words: Dialect, fields: Fields, extra?: string): string {
  const members = FIELDS.filter((field) => words[field] !== undefined && fields[field] !== undefined);
  const texts = members.map((field) => `"${words[field]}":${fields[field]}`);
  return `{${[...texts, ...(extra === undefined ? [] : [extra])].join(",")}}`;
}

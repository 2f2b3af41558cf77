import type { RecordedOrder } from "@pedidos/contract";
import { exitCodes, Failure } from "../failure.ts";
import { type Locale, localeOf } from "../input/locale.ts";
import type { Client } from "../open-client.ts";
import { log } from "../print.ts";
import { fetchOrders, listOrders } from "./list-orders.ts";
import { writeItems, writeLines, writeListed } from "./write-orders.ts";

const TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;

export type Export = {
  /** Of the list. */
  readonly path: string;
  readonly query: { readonly from?: string | undefined; readonly to?: string | undefined };
  readonly format: keyof typeof TYPES;
  /** Whether the items are written, as `send` reads them. */
  readonly items: boolean;
  /** Else the list is as the server writes it. */
  readonly locale?: Locale | undefined;
};

/** Composes the text of an export: a list of orders, newest first, or the orders with their items. */
export async function composeExport(
  client: Client,
  { path, query, format, items, locale }: Export,
): Promise<AsyncIterable<Uint8Array>> {
  if (locale !== undefined && format !== "csv")
    throw new Failure(exitCodes.usage, "--locale is for CSV; leave out --format ndjson.");
  if (items) {
    const orders = withItems(fetchOrders(client, listOrders(client, path, query)));
    return bytesOf(format === "csv" ? writeItems(orders, locale ?? localeOf()) : writeLines(orders));
  }
  if (locale !== undefined) return bytesOf(writeListed(listOrders(client, path, query), locale));
  const { body } = await client.fetch({ path, query, accept: TYPES[format] });
  if (body === null) throw new Failure(exitCodes.refused, "The server answered without a body.");
  return body;
}

/** Leaves out the orders of the replaced system, which kept no items, and says how many they are. */
async function* withItems(orders: AsyncIterable<RecordedOrder>): AsyncGenerator<RecordedOrder> {
  let without = 0;
  for await (const order of orders) {
    if (order.items.length > 0) yield order;
    else without++;
  }
  if (without > 0) log(`${without} orders were taken over from the replaced system without items: they are left out.`);
}

async function* bytesOf(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

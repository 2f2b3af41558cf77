import type { ListedOrder, RecordedOrder } from "@pedidos/contract";
import { csvColumns } from "../input/csv-column.ts";
import type { Locale } from "../input/locale.ts";

type Cell = string | number;

const LISTED = ["orderId", "customerId", "total", "itemCount", "placedAt", "recordedAt"] as const;

/** Names of columns by the names of the fields, where a locale has others. */
const PORTUGUESE: Readonly<Record<string, string>> = {
  ...{ orderId: "Pedido", customerId: "Cliente", placedAt: "Data do pedido", recordedAt: "Registrado em" },
  ...{ product: "Produto", quantity: "Quantidade", unitPrice: "Preço unitário", total: "Total", itemCount: "Itens" },
};

/** Writes a list of orders as CSV, a row an order. */
export async function* writeListed(orders: AsyncIterable<ListedOrder>, locale: Locale): AsyncGenerator<string> {
  yield headerOf(LISTED, locale);
  for await (const { orderId, customerId, total, itemCount, placedAt, recordedAt } of orders) {
    const times = [placedAt, recordedAt].map((time) => (time === null ? "" : locale.writeInstant(time)));
    yield rowOf([orderId, customerId, locale.writeNumber(total), itemCount, ...times], locale);
  }
}

/**
 * Writes orders as the CSV that `send` reads, a row an item. A product stands as it is, so that it is the same when it is sent
 * again: none is guarded against spreadsheets that take it for a formula.
 */
export async function* writeItems(orders: AsyncIterable<RecordedOrder>, locale: Locale): AsyncGenerator<string> {
  yield headerOf(csvColumns, locale);
  for await (const { orderId, customerId, placedAt, items } of orders) {
    const time = placedAt === null ? "" : locale.writeInstant(placedAt);
    const rows = items.map(({ product, quantity, unitPrice }) =>
      rowOf([orderId, customerId, time, product, quantity, locale.writeNumber(unitPrice)], locale),
    );
    yield rows.join("");
  }
}

/** Writes orders as the NDJSON that `send` reads. */
export async function* writeLines(orders: AsyncIterable<RecordedOrder>): AsyncGenerator<string> {
  for await (const { orderId, customerId, placedAt, items } of orders)
    yield `${JSON.stringify({ orderId, customerId, ...(placedAt !== null && { placedAt }), items })}\n`;
}

function headerOf(names: readonly string[], locale: Locale): string {
  const isOurs = locale.columns.size === 0;
  return (
    locale.mark +
    rowOf(
      names.map((name) => (isOurs ? name : (PORTUGUESE[name] ?? name))),
      locale,
    )
  );
}

function rowOf(cells: readonly Cell[], { delimiter }: Locale): string {
  return `${cells.map((cell) => quoted(String(cell), delimiter)).join(delimiter)}\r\n`;
}

function quoted(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

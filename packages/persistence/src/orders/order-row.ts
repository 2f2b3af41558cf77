import { type CloudEvent, type ListedOrder, type RecordedOrder, recordedEvent } from "@pedidos/contract";
import { formatDecimal, formatUnits } from "@pedidos/domain";

export type StoredOrder = Omit<RecordedOrder, "status">;

/** What is read of an order that is answered or announced. A {@link ListedOrder}, with `total` as PostgreSQL writes it. */
export const orderColumns = [
  "order_id as orderId",
  "customer_id as customerId",
  "total",
  "item_count as itemCount",
  "placed_at as placedAt",
  "recorded_at as recordedAt",
] as const;

/** @throws RangeError where the total is no number that the contract can write */
export function toRecordedEvent(row: ListedOrder): CloudEvent {
  return recordedEvent({ ...row, total: formatDecimal(row.total) });
}

export function toListed({ orderId, customerId, total, itemCount, placedAt, recordedAt }: ListedOrder): ListedOrder {
  return { orderId, customerId, total: formatDecimal(total), itemCount, placedAt, recordedAt };
}

type OrderRow = ListedOrder & { readonly items: readonly [product: string, quantity: number, priceUnits: number][] };

export function toStored({ orderId, customerId, total, items, placedAt, recordedAt }: OrderRow): StoredOrder {
  return {
    orderId,
    customerId,
    total: formatDecimal(total),
    items: items.map(([product, quantity, priceUnits]) => ({ product, quantity, unitPrice: formatUnits(priceUnits) })),
    placedAt,
    recordedAt,
  };
}

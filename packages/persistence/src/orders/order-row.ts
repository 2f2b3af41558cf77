import { type CloudEvent, type ListedOrder, recordedEvent } from "@pedidos/contract";
import { formatDecimal } from "@pedidos/domain";

/** An order as it is read for an answer or an event. A {@link ListedOrder}, with `total` as PostgreSQL writes it. */
export const orderColumns = [
  "order_id as orderId",
  "customer_id as customerId",
  "total",
  "item_count as itemCount",
  "placed_at as placedAt",
  "recorded_at as recordedAt",
] as const;

/** @throws RangeError if the total is no number that the contract can write */
export function toRecordedEvent(row: ListedOrder): CloudEvent {
  return recordedEvent({ ...row, total: formatDecimal(row.total) });
}

import type { RecordedOrder } from "@pedidos/contract";
import {
  formatUnits,
  type Order,
  type OrderItem,
  orderContent,
  parseOrder,
  roundUnitsToCent,
  totalUnits,
  unitsOfDecimal,
} from "@pedidos/domain";

/** What an order says at one place: as it is recorded, and as it came; null where it has nothing there. */
export type Compared<Value> = { readonly recorded: Value | null; readonly came: Value | null };

export type Comparison = {
  readonly customerId: Compared<number>;
  /** Exact decimals. */
  readonly total: Compared<string>;
  /** Lines that differ, each with its place, from 1. */
  readonly lines: readonly (Compared<OrderItem> & { readonly line: number })[];
  readonly equalLines: number;
};

/** Compares two orders of one id. Lines are matched from both ends, so that an inserted one makes no others differ. */
export function compareWithRecorded(recorded: RecordedOrder, came: Order): Comparison {
  const [ours, theirs] = [itemsOf(recorded), came.items];
  const most = Math.min(ours.length, theirs.length);
  let [start, end] = [0, 0];
  while (start < most && areEqual(ours[start], theirs[start])) start++;
  while (end < most - start && areEqual(ours.at(-1 - end), theirs.at(-1 - end))) end++;
  const lines = Array.from({ length: Math.max(ours.length, theirs.length) - end - start }, (_, index) => {
    const at = start + index;
    return {
      line: at + 1,
      recorded: at < ours.length - end ? (ours[at] ?? null) : null,
      came: at < theirs.length - end ? (theirs[at] ?? null) : null,
    };
  }).filter((line) => line.recorded === null || line.came === null || !areEqual(line.recorded, line.came));
  return {
    customerId: { recorded: recorded.customerId, came: came.customerId },
    total: { recorded: recorded.total, came: formatUnits(totalUnits(came)) },
    lines,
    equalLines: Math.max(ours.length, theirs.length) - lines.length,
  };
}

function areEqual(one: OrderItem | undefined, other: OrderItem | undefined): boolean {
  return one?.product === other?.product && one?.quantity === other?.quantity && one?.priceUnits === other?.priceUnits;
}

/** One that was taken over has none. */
function itemsOf({ orderId, customerId, items }: RecordedOrder): readonly OrderItem[] {
  const parsed = parseOrder({ orderId, customerId, items });
  return parsed.kind === "order" ? parsed.order.items : [];
}

/**
 * → what would become of a valid order that is submitted again: nothing new, as it is recorded already; a conflict again;
 * undefined if neither is known.
 */
export function foreseeReplay(
  order: Order,
  rejection: { readonly reason: string; readonly orderId: number | null },
  recorded: RecordedOrder | undefined,
): "same" | "conflict" | undefined {
  if (recorded?.orderId === order.orderId) return isSame(recorded, order) ? "same" : "conflict";
  const isUnderTheSameId = recorded === undefined && order.orderId === rejection.orderId;
  return isUnderTheSameId && rejection.reason === "order_conflict" ? "conflict" : undefined;
}

/** By the contract's rule of identity. */
function isSame(recorded: RecordedOrder, order: Order): boolean {
  if (recorded.customerId !== order.customerId) return false;
  if (recorded.items.length === 0)
    return roundUnitsToCent(totalUnits(order)) === roundUnitsToCent(unitsOfDecimal(recorded.total));
  return orderContent({ ...order, items: itemsOf(recorded) }) === orderContent(order);
}

import { contentOf, totalOf } from "./content.ts";
import type { OrderRow, Tables } from "./history.ts";
import { type Index, rejectionKey, type Submission } from "./index-history.ts";
import type { Find } from "./verdict.ts";

/** Every accepted order is recorded once, as it was sent, or rejected; nothing else is; the sums add up. */
export function checkOrders(index: Index, tables: Tables, find: Find): void {
  for (const [orderId, submissions] of index.sent) {
    // Of the same content by the same road one is enough: a fault of one is a fault of all.
    const reported = new Set<string>();
    for (const submission of submissions) {
      const key = `${submission.source} ${submission.content}`;
      if (submission.promised !== "accepted" || reported.has(key)) continue;
      reported.add(key);
      checkAccepted(orderId, submission, index, find);
    }
  }
  const seen = new Set<number>();
  for (const row of tables.orders) {
    if (seen.has(row.orderId)) find("duplicated", `order ${row.orderId} is recorded more than once`);
    seen.add(row.orderId);
    checkRow(row, index, find);
  }
  checkSums(tables, find);
}

function checkAccepted(orderId: number, { content, source, operation }: Submission, index: Index, find: Find): void {
  const row = index.rows.get(orderId);
  const has = (reason: string) => index.refused.has(rejectionKey(source, reason, orderId, content));
  if (row?.content === content || has("poison")) return;
  const how = `by ${operation.road} of ${operation.target} at ${time(operation.sentAt)}, ${operation.outcome.kind} at ${time(operation.endedAt)}`;
  if (row === undefined) find("lost", `order ${orderId}, accepted ${how}`);
  else if (!has("order_conflict")) find("unrejected", `the conflicting order ${orderId}, accepted ${how}`);
}

function checkRow(row: OrderRow, index: Index, find: Find): void {
  const sent = index.sent.get(row.orderId);
  if (sent === undefined) find("unexpected", `order ${row.orderId} is recorded, and nobody sent it`);
  else if (!sent.some(({ content }) => content === contentOf(row)))
    find("altered", `order ${row.orderId} is recorded with another content than was sent: ${contentOf(row)}`);
  if (row.totalUnits !== totalOf(row.items))
    find("altered", `the total of order ${row.orderId} is ${row.totalUnits}, its items make ${totalOf(row.items)}`);
  if (row.itemCount !== row.items.length)
    find("altered", `order ${row.orderId} counts ${row.itemCount} items, and has ${row.items.length}`);
}

/** Customers against a recount from items. */
function checkSums(tables: Tables, find: Find): void {
  const recount = new Map<number, { count: number; units: bigint }>();
  for (const { customerId, items } of tables.orders) {
    const { count, units } = recount.get(customerId) ?? { count: 0, units: 0n };
    recount.set(customerId, { count: count + 1, units: units + totalOf(items) });
  }
  for (const { customerId, orderCount, totalUnits } of tables.customers) {
    const counted = recount.get(customerId);
    recount.delete(customerId);
    if (counted?.count !== orderCount || counted.units !== totalUnits)
      find(
        "sums",
        `customer ${customerId} has ${orderCount} orders of ${totalUnits}, counted ${counted?.count} of ${counted?.units}`,
      );
  }
  for (const [customerId, { count }] of recount)
    find("sums", `customer ${customerId} is missing, with ${count} orders`);
}

export function time(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

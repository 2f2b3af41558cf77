import { isRecord, unitsOf } from "./content.ts";
import type { History, OrderRow, RejectionRow, Tables } from "./history.ts";
import type { Find } from "./verdict.ts";

/** Clocks of one machine, one of them read in whole milliseconds. */
const CLOCK_MS = 2;

/** Everything that is recorded or rejected is announced at least once, as it is kept, and never before its commit. */
export function checkEvents({ events }: History, tables: Tables, find: Find): void {
  const expected = new Map<string, (data: Record<string, unknown>, seenAt: number) => void>();
  for (const row of tables.orders)
    expected.set(`order.recorded:${row.orderId}`, (data, seenAt) => checkRecorded(row, data, seenAt, find));
  for (const row of tables.rejections)
    expected.set(`order.rejected:${row.rejectionId}`, (data, seenAt) => checkRejected(row, data, seenAt, find));
  for (const [id, check] of expected) {
    const seen = events.get(id);
    if (seen === undefined) find("unannounced", id);
    else if (!isRecord(seen.data)) find("altered", `the event ${id} has no data`);
    else check(seen.data, seen.seenAt);
  }
  for (const id of events.keys())
    if (!expected.has(id)) find("unexpected", `the event ${id}, of which nothing is committed`);
}

function checkRecorded(row: OrderRow, data: Record<string, unknown>, seenAt: number, find: Find): void {
  const { orderId, customerId, itemCount, recordedAt } = row;
  const asKept =
    data.orderId === orderId &&
    data.customerId === customerId &&
    data.itemCount === itemCount &&
    data.recordedAt === recordedAt &&
    typeof data.total === "string" &&
    unitsOf(data.total) === row.totalUnits;
  if (!asKept) find("altered", `order ${orderId} is announced as ${JSON.stringify(data)}, kept with ${recordedAt}`);
  if (seenAt + CLOCK_MS < row.committedAt)
    find("early", `order ${orderId} is announced ${row.committedAt - seenAt} ms before its commit`);
}

function checkRejected(row: RejectionRow, data: Record<string, unknown>, seenAt: number, find: Find): void {
  const { rejectionId, orderId, reason, source, times } = row;
  if (data.rejectionId !== rejectionId || data.orderId !== orderId || data.reason !== reason || data.source !== source)
    find("altered", `rejection ${rejectionId} is announced as ${JSON.stringify(data)}`);
  // A row that was seen again says only when it was last changed.
  if (times === 1 && seenAt + CLOCK_MS < row.committedAt)
    find("early", `rejection ${rejectionId} is announced ${row.committedAt - seenAt} ms before its commit`);
}

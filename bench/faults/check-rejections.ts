import { readContent } from "./content.ts";
import type { RejectionRow, Tables } from "./history.ts";
import type { Index } from "./index-history.ts";
import type { Find } from "./verdict.ts";

/** Every bad message that was accepted is a rejection with its reason and bytes; every rejection has its cause. */
export function checkRejections(index: Index, tables: Tables, find: Find): void {
  const byBody = new Map<string, RejectionRow>();
  const keys = new Set<string>();
  for (const row of tables.rejections) {
    const key = `${row.source} ${row.reason} ${row.body}`;
    if (keys.has(key)) find("duplicated", `rejection ${row.rejectionId} repeats another: ${key}`);
    keys.add(key);
    byBody.set(row.body, row);
    checkCause(row, index, find);
  }
  for (const [text, { line, promised, operation }] of index.bad) {
    const row = byBody.get(text);
    if (promised === "accepted" && row?.reason !== line.reason)
      find("unrejected", `${text}, accepted by ${operation.road}: ${row ? `rejected as ${row.reason}` : "nowhere"}`);
    if (promised === "refused" && row !== undefined)
      find("unexpected", `a rejection of ${text}, which was turned away`);
  }
}

function checkCause(row: RejectionRow, index: Index, find: Find): void {
  const name = `rejection ${row.rejectionId} (${row.source}, ${row.reason}): ${row.body}`;
  if (row.reason === "poison") find("poisoned", name);
  else if (row.reason === "order_conflict") checkConflict(row, name, index, find);
  else if (index.bad.get(row.body)?.line.reason !== row.reason) find("unexpected", name);
}

function checkConflict(row: RejectionRow, name: string, index: Index, find: Find): void {
  const read = readContent(row.body);
  if (read === undefined) {
    find("unexpected", name);
    return;
  }
  const submissions = index.sent.get(read.orderId) ?? [];
  if (!submissions.some(({ content, source }) => content === read.content && source === row.source))
    find("unexpected", `${name}: nobody sent it`);
  if (row.orderId !== read.orderId) find("altered", `${name}: said to be of order ${row.orderId}`);
  const recorded = index.rows.get(read.orderId);
  if (recorded === undefined) find("unexpected", `${name}: no order is recorded that it conflicts with`);
  else if (recorded.content === read.content) find("unexpected", `${name}: the very order is recorded`);
}

import type pg from "pg";
import { withClient } from "../harness/query.ts";
import { unitsOf } from "./content.ts";
import type { CustomerRow, Item, OrderRow, RejectionRow, Tables } from "./history.ts";

/**
 * Reads what is kept, through the columns and views that the contract names.
 * The server must keep times of commits (`track_commit_timestamp`).
 */
export async function readTables(databaseUrl: string, queues: Readonly<Record<string, number>>): Promise<Tables> {
  return await withClient(databaseUrl, async (client) => {
    await client.query("set TimeZone = 'UTC'");
    const items = await readItems(client);
    return {
      orders: await readOrders(client, items),
      customers: await readCustomers(client),
      rejections: await readRejections(client),
      left: { ...queues, ...(await readPending(client)) },
    };
  });
}

/** How many rows are still to be recorded or announced, by table. */
export async function readPending(client: pg.Client): Promise<Record<string, number>> {
  const { rows } = await client.query<Record<string, string>>(
    "select (select count(*) from spool) as spool, (select count(*) from outbox) as outbox, (select count(*) from oversized) as oversized",
  );
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)]));
}

async function readItems(client: pg.Client): Promise<Map<string, Item[]>> {
  const { rows } = await client.query<{ order_id: string; product: string; quantity: string; unit_price: string }>(
    "select order_id, product, quantity, unit_price from order_items order by order_id, line",
  );
  const items = new Map<string, Item[]>();
  for (const { order_id, product, quantity, unit_price } of rows) {
    const item = [product, Number(quantity), Number(unitsOf(unit_price))] as const;
    const others = items.get(order_id);
    if (others === undefined) items.set(order_id, [item]);
    else others.push(item);
  }
  return items;
}

const COMMITTED = "extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000 as committed_at";

async function readOrders(client: pg.Client, items: ReadonlyMap<string, Item[]>): Promise<OrderRow[]> {
  const { rows } = await client.query<Record<string, string>>(
    `select order_id, customer_id, item_count, total, recorded_at::text, ${COMMITTED} from orders`,
  );
  return rows.map((row) => ({
    orderId: Number(row.order_id),
    customerId: Number(row.customer_id),
    itemCount: Number(row.item_count),
    totalUnits: unitsOf(row.total ?? ""),
    recordedAt: String(row.recorded_at).replace(" ", "T").replace("+00", "Z"),
    committedAt: Number(row.committed_at),
    items: items.get(row.order_id ?? "") ?? [],
  }));
}

async function readCustomers(client: pg.Client): Promise<CustomerRow[]> {
  const { rows } = await client.query<Record<string, string>>(
    "select customer_id, order_count, total_value from customers",
  );
  return rows.map((row) => ({
    customerId: Number(row.customer_id),
    orderCount: Number(row.order_count),
    totalUnits: unitsOf(row.total_value ?? ""),
  }));
}

async function readRejections(client: pg.Client): Promise<RejectionRow[]> {
  const { rows } = await client.query<
    Record<"rejection_id" | "reason" | "source" | "times" | "committed_at", string> & {
      order_id: string | null;
      body: Buffer;
    }
  >(`select rejection_id, order_id, reason, source, times, body, ${COMMITTED} from rejections`);
  return rows.map((row) => ({
    rejectionId: Number(row.rejection_id),
    orderId: row.order_id === null ? null : Number(row.order_id),
    reason: row.reason,
    source: row.source,
    times: Number(row.times),
    body: row.body.toString("utf8"),
    committedAt: Number(row.committed_at),
  }));
}

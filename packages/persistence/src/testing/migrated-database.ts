import type { CloudEvent } from "@pedidos/contract";
import { type Order, parseOrder } from "@pedidos/domain";
import { freshDatabase } from "@pedidos/testing";
import { sql } from "kysely";
import { openDatabase } from "../connection/open-database.ts";
import type { Db } from "../connection/statements.ts";
import type { Submission } from "../recording/record-orders.ts";
import { migrate } from "../schema/migrate.ts";

export const SQL_DIRECTORY = "infra/sql";

/** For tests: an empty database with the schema in it. */
export async function migratedDatabase(): Promise<{ db: Db; url: string; drop: () => Promise<void> }> {
  const { url, drop } = await freshDatabase();
  await migrate({ connectionString: url, directory: SQL_DIRECTORY });
  const db = openDatabase({ connectionString: url, applicationName: "test", maxConnections: 12 });
  return {
    db,
    url,
    async drop() {
      await db.destroy();
      await drop();
    },
  };
}

/** For tests: an order of the given items, `[quantity, unitPrice, product]`. */
export function anOrder(
  orderId: number,
  customerId = 1,
  items: [number, number | string, string?][] = [[2, 1.5]],
): Order {
  const parsed = parseOrder({
    orderId,
    customerId,
    items: items.map(([quantity, unitPrice, product = "pen"]) => ({ product, quantity, unitPrice })),
  });
  if (parsed.kind === "faults") throw new Error(JSON.stringify(parsed.faults));
  return parsed.order;
}

/** For tests: a submission of an order, whose bytes are its JSON. */
export function submitted(order: Order, spoolId?: number): Submission {
  const body = Buffer.from(JSON.stringify(order));
  return { kind: "order", order, source: "http", body, ...(spoolId === undefined ? {} : { spoolId }) };
}

/** For tests: the customers whose sums differ from those of their orders' items. */
export async function differingCustomers(db: Db): Promise<unknown[]> {
  const { rows } = await sql`
    with recount as (
      select customer_id, count(distinct order_id) as order_count, sum(quantity * unit_price) as total_value
      from orders join order_items using (order_id) group by customer_id
    )
    select * from customers full join recount using (customer_id)
    where (customers.order_count, customers.total_value) is distinct from (recount.order_count, recount.total_value)
  `.execute(db);
  return rows;
}

/** For tests: the data of events, those of recorded orders apart from those of rejections. */
export function dataOf(events: readonly CloudEvent[]) {
  return {
    recorded: events.flatMap(({ type, data }) => (type === "order.recorded" ? [data] : [])),
    rejected: events.flatMap(({ type, data }) => (type === "order.rejected" ? [data] : [])),
  };
}

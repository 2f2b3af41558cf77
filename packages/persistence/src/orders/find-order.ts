import type { Db } from "../connection/open-database.ts";
import { orderColumns, type StoredOrder, toStored } from "./order-row.ts";

export async function findOrder(db: Db, orderId: number): Promise<StoredOrder | undefined> {
  const row = await db
    .selectFrom("orders")
    .select([...orderColumns, "items"])
    .where("order_id", "=", orderId)
    .executeTakeFirst();
  return row && toStored(row);
}

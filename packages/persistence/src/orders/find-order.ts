import type { RecordedOrder } from "@pedidos/contract";
import { formatDecimal, formatUnits } from "@pedidos/domain";
import type { Kysely } from "kysely";
import type { Database } from "../database.generated.ts";

export async function findOrder(
  db: Kysely<Database>,
  orderId: number,
): Promise<Omit<RecordedOrder, "status"> | undefined> {
  const row = await db
    .selectFrom("orders")
    .select(["customer_id", "total", "items", "placed_at", "recorded_at"])
    .where("order_id", "=", orderId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    orderId,
    customerId: row.customer_id,
    total: formatDecimal(row.total),
    items: row.items.map(([product, quantity, priceUnits]) => ({
      product,
      quantity,
      unitPrice: formatUnits(priceUnits),
    })),
    placedAt: row.placed_at,
    recordedAt: row.recorded_at,
  };
}

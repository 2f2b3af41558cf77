import { formatDecimal, formatUnits } from "@pedidos/domain";
import type { Kysely } from "kysely";
import type { Database } from "../schema/database.generated.ts";

export type StoredOrder = {
  readonly orderId: number;
  readonly customerId: number;
  /** A decimal string with 2 to 4 decimals. */
  readonly total: string;
  readonly items: readonly { readonly product: string; readonly quantity: number; readonly unitPrice: string }[];
  readonly placedAt: string | null;
  readonly recordedAt: string;
};

export async function findOrder(db: Kysely<Database>, orderId: number): Promise<StoredOrder | undefined> {
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

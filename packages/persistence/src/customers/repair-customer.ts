import { formatUnits, unitsOfDecimal } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import { writeAudit } from "../audit/write-audit.ts";
import { type CountedOrders, valueByItems } from "../orders/count-orders.ts";
import type { Database } from "../schema/database.generated.ts";
import { type ComparedCustomer, sums } from "./compare-customers.ts";

/**
 * Sets a customer's sums to what its orders come to. Its row is locked first, then what came since the counting is
 * counted: whoever records for this customer has either committed, and both are seen, or waits, and adds to what is set
 * here. The lock lasts for the orders since `before` alone, however many there are.
 *
 * @param counted its orders recorded before `before`; undefined where there are none
 * @param actor who does it: the name of a key, or null
 * @returns what was and what is; null where nothing was wrong any more
 */
export async function repairCustomer(
  db: Kysely<Database>,
  { customerId, counted, before }: RepairedCustomer,
  actor: string | null,
): Promise<ComparedCustomer | null> {
  return await db.transaction().execute(async (tx) => {
    const isNew = counted !== undefined && (await insertMissing(tx, counted));
    const known = await lockCustomer(tx, customerId);
    if (known === undefined) return null;
    const later = await countLater(tx, customerId, before);
    const orderCount = (counted?.orderCount ?? 0) + later.orderCount;
    const totalUnits = (counted?.totalUnits ?? 0n) + unitsOfDecimal(later.totalValue);
    const right = sums(orderCount, formatUnits(totalUnits));
    const recorded = isNew ? null : sums(known.order_count, known.total_value);
    if (recorded?.orderCount === right.orderCount && recorded.totalValue === right.totalValue) return null;
    await tx
      .updateTable("customers")
      .set({
        order_count: orderCount,
        total_value: right.totalValue,
        first_order_at: counted?.firstOrderAt ?? later.firstOrderAt ?? known.first_order_at,
        last_order_at: later.lastOrderAt ?? counted?.lastOrderAt ?? known.last_order_at,
      })
      .where("customer_id", "=", customerId)
      .execute();
    await writeAudit(tx, {
      actor,
      action: "customer.repaired",
      detail: { customerId, before: recorded, after: right },
    });
    return { customerId, recorded, counted: right };
  });
}

export type RepairedCustomer = {
  readonly customerId: number;
  readonly counted: CountedOrders | undefined;
  readonly before: string;
};

/** → whether it had no row. */
async function insertMissing(tx: Kysely<Database>, counted: CountedOrders): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("customers")
    .values({
      customer_id: counted.customerId,
      order_count: 0,
      total_value: "0",
      first_order_at: counted.firstOrderAt,
      last_order_at: counted.lastOrderAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

async function lockCustomer(tx: Kysely<Database>, customerId: number) {
  return await tx
    .selectFrom("customers")
    .selectAll()
    .where("customer_id", "=", customerId)
    .forUpdate()
    .executeTakeFirst();
}

type Later = { orderCount: number; totalValue: string; firstOrderAt: string | null; lastOrderAt: string | null };

async function countLater(tx: Kysely<Database>, customerId: number, before: string): Promise<Later> {
  const { rows } = await sql<Later>`
    select count(*) as "orderCount", coalesce(sum(${valueByItems}), 0) as "totalValue",
      min(recorded_at) as "firstOrderAt", max(recorded_at) as "lastOrderAt"
    from orders o
    where customer_id = ${customerId} and recorded_at >= ${before}::timestamptz
  `.execute(tx);
  const [later] = rows;
  if (later === undefined) throw new Error("the database did not count");
  return later;
}

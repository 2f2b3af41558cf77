import { formatUnits, unitsOfDecimal } from "@pedidos/domain";
import { writeAudit } from "../audit/write-audit.ts";
import type { Db } from "../connection/open-database.ts";
import type { CountedOrders } from "../orders/count-orders.ts";
import { type ComparedCustomer, shownSums } from "./compare-customers.ts";
import { addCustomer, countOrdersSince, lockCustomer, updateCustomer } from "./customer-rows.ts";

export type RepairedCustomer = {
  readonly customerId: number;
  readonly counted: CountedOrders | undefined;
  readonly before: string;
};

/**
 * Sets a customer's sums to those of its orders. The row is locked first, then the orders since the counting are counted:
 * a transaction that records for this customer has either committed, and is counted, or waits, and adds to what is set
 * here. The lock lasts for the orders since `before` alone, however many there are.
 *
 * @param counted its orders recorded before `before`; undefined where there are none
 * @param actor who does it: the name of a key, or null
 * @returns the sums before and after; null where nothing is wrong any more
 */
export async function repairCustomer(
  db: Db,
  { customerId, counted, before }: RepairedCustomer,
  actor: string | null,
): Promise<ComparedCustomer | null> {
  return await db.transaction().execute(async (tx) => {
    const isNew = counted !== undefined && (await addCustomer(tx, counted));
    const known = await lockCustomer(tx, customerId);
    if (known === undefined) return null;
    const later = await countOrdersSince(tx, customerId, before);
    const totalUnits = (counted?.totalUnits ?? 0n) + unitsOfDecimal(later.totalValue);
    const right = {
      orderCount: (counted?.orderCount ?? 0) + later.orderCount,
      totalValue: formatUnits(totalUnits),
    };
    const recorded = isNew ? null : shownSums(known);
    if (recorded?.orderCount === right.orderCount && recorded.totalValue === right.totalValue) return null;
    await updateCustomer(tx, customerId, {
      ...right,
      firstOrderAt: counted?.firstOrderAt ?? later.firstOrderAt ?? known.firstOrderAt,
      lastOrderAt: later.lastOrderAt ?? counted?.lastOrderAt ?? known.lastOrderAt,
    });
    const detail = { customerId, before: recorded, after: right };
    await writeAudit(tx, { actor, action: "customer.repaired", detail });
    return { customerId, recorded, counted: right };
  });
}

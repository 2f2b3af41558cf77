import { hash } from "node:crypto";
import { type Order, orderContent, roundUnitsToCent, totalUnits, unitsOfDecimal } from "@pedidos/domain";
import { sql } from "kysely";
import { bigintArray, type Db } from "../connection/statements.ts";

/** What an order is compared by. */
export type Identity = {
  readonly orderId: number;
  readonly customerId: number;
  readonly totalUnits: bigint;
  /** A version byte, then 16 bytes of SHA-256 of the order's content, as hexadecimal. */
  readonly fingerprint: string;
};

/** Says how a fingerprint is made, so that a later way can stand beside it in one table. */
const VERSION = "01";

export function identityOf(order: Order): Identity {
  const { orderId, customerId } = order;
  const fingerprint = VERSION + hash("sha256", orderContent(order), "hex").slice(0, 32);
  return { orderId, customerId, totalUnits: totalUnits(order), fingerprint };
}

/** The row that holds an id. */
export type RecordedIdentity = {
  readonly customerId: number;
  /** PostgreSQL's text of the total. */
  readonly total: string;
  /** Null if the replaced system left no items to compare. */
  readonly fingerprint: string | null;
};

/**
 * Whether an order is the one that is recorded under its id. One taken over from the replaced system has no items:
 * there the same customer and the same total, rounded to the cent, decide.
 */
export function isSameOrder(order: Identity, recorded: RecordedIdentity): boolean {
  return recorded.fingerprint === null
    ? order.customerId === recorded.customerId && roundUnitsToCent(order.totalUnits) === unitsOfDecimal(recorded.total)
    : order.fingerprint === recorded.fingerprint;
}

/** → what is recorded under these ids, by id; ids without a row are left out. */
export async function findIdentities(db: Db, orderIds: Iterable<number>): Promise<Map<number, RecordedIdentity>> {
  const ids = [...new Set(orderIds)];
  if (ids.length === 0) return new Map();
  const { rows } = await sql<RecordedIdentity & { orderId: number }>`
    select order_id as "orderId", customer_id as "customerId", total, encode(fingerprint, 'hex') as fingerprint
    from orders
    where order_id = any(${bigintArray(ids)})
  `.execute(db);
  return new Map(rows.map((row) => [row.orderId, row]));
}

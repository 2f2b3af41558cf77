import type { Reason } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";
import { findIdentities } from "./find-identities.ts";
import { type Identity, isSameOrder } from "./identity.ts";

/**
 * How an order stands to what is recorded. `different`: another one is recorded under its id. `rejected`: none is, and
 * something of that id was rejected and has not been replayed since; the newest such rejection.
 */
export type Comparison =
  | { readonly kind: "recorded" | "different" | "missing" }
  | { readonly kind: "rejected"; readonly rejectionId: number; readonly reason: Reason };

/** → how each order stands, in order. One query for all, and a second one only for those that are not recorded. */
export async function compareOrders(db: Kysely<Database>, sent: readonly Identity[]): Promise<Comparison[]> {
  const recorded = await findIdentities(db, [...new Set(sent.map((order) => order.orderId))]);
  const absent = new Set(sent.map((order) => order.orderId).filter((id) => !recorded.has(id)));
  const rejected = absent.size > 0 ? await findRejected(db, [...absent]) : new Map<number, Comparison>();
  return sent.map((order) => {
    const held = recorded.get(order.orderId);
    if (held === undefined) return rejected.get(order.orderId) ?? { kind: "missing" };
    return { kind: isSameOrder(order, held) ? "recorded" : "different" };
  });
}

async function findRejected(db: Kysely<Database>, orderIds: readonly number[]): Promise<Map<number, Comparison>> {
  const { rows } = await sql<{ order_id: number; rejection_id: number; reason: Reason }>`
    select asked.order_id, newest.rejection_id, newest.reason
    from unnest(${bigintArray(orderIds)}) as asked (order_id)
    cross join lateral (
      select rejection_id, reason from rejections
      where order_id = asked.order_id and status <> 'replayed'
      order by rejection_id desc limit 1
    ) newest
  `.execute(db);
  return new Map(
    rows.map((row) => [row.order_id, { kind: "rejected", rejectionId: row.rejection_id, reason: row.reason }]),
  );
}

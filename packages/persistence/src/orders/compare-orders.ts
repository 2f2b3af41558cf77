import { formatDecimal, type Reason } from "@pedidos/domain";
import { sql } from "kysely";
import { bigintArray, type Db } from "../connection/statements.ts";
import { findIdentities, type Identity, isSameOrder } from "./identity.ts";

/**
 * How an order compares with what is recorded. `different`: another one is recorded under its id. `rejected`: none is, and
 * something of that id was rejected and has not been replayed since; the newest such rejection.
 */
export type Comparison = { readonly kind: "recorded" | "different" | "missing" } | Rejected;
type Rejected = { readonly kind: "rejected"; readonly rejectionId: number; readonly reason: Reason };

/** → how each order compares, in order. One query for all, and a second one only for those that are not recorded. */
export async function compareOrders(db: Db, sent: readonly Identity[]): Promise<Comparison[]> {
  const ids = sent.map(({ orderId }) => orderId);
  const recorded = await findIdentities(db, ids);
  const absent = new Set(ids.filter((id) => !recorded.has(id)));
  const rejected = absent.size > 0 ? await findNewestRejections(db, [...absent]) : undefined;
  return sent.map((order) => {
    const found = recorded.get(order.orderId);
    if (found === undefined) return rejected?.get(order.orderId) ?? { kind: "missing" };
    return { kind: isSameOrder(order, found) ? "recorded" : "different" };
  });
}

async function findNewestRejections(db: Db, orderIds: readonly number[]): Promise<Map<number, Rejected>> {
  const { rows } = await sql<Omit<Rejected, "kind"> & { orderId: number }>`
    select asked.order_id as "orderId", newest.rejection_id as "rejectionId", newest.reason
    from unnest(${bigintArray(orderIds)}) as asked (order_id)
    cross join lateral (
      select rejection_id, reason from rejections
      where order_id = asked.order_id and status <> 'replayed'
      order by rejection_id desc limit 1
    ) newest
  `.execute(db);
  return new Map(rows.map(({ orderId, ...newest }) => [orderId, { kind: "rejected", ...newest }]));
}

/** `total` is the recorded one, which for an order taken over is rounded to the cent. */
export type WaitedOutcome =
  | { readonly kind: "recorded"; readonly total: string }
  | { readonly kind: "conflict" | "pending" };

/** → for each order, in order, whether it is recorded by now, or another one stands under its id. One query for all. */
export async function findOutcomes(db: Db, asked: readonly Identity[]): Promise<WaitedOutcome[]> {
  const ids = asked.map(({ orderId }) => orderId);
  const recorded = await findIdentities(db, ids);
  return asked.map((order) => {
    const found = recorded.get(order.orderId);
    if (found === undefined) return { kind: "pending" };
    return isSameOrder(order, found) ? { kind: "recorded", total: formatDecimal(found.total) } : { kind: "conflict" };
  });
}

import { formatDecimal } from "@pedidos/domain";
import type { Db } from "../connection/open-database.ts";
import { findIdentities } from "./find-identities.ts";
import { type Identity, isSameOrder } from "./identity.ts";

/** `total` is the recorded one, which for an order taken over is rounded to the cent. */
export type WaitedOutcome =
  | { readonly kind: "recorded"; readonly total: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "pending" };

/** → for each order, in order, whether it is recorded by now, or another one stands under its id. One query for all. */
export async function findOutcomes(db: Db, asked: readonly Identity[]): Promise<WaitedOutcome[]> {
  const recorded = await findIdentities(
    db,
    asked.map(({ orderId }) => orderId),
  );
  return asked.map((order) => {
    const found = recorded.get(order.orderId);
    if (found === undefined) return { kind: "pending" };
    return isSameOrder(order, found) ? { kind: "recorded", total: formatDecimal(found.total) } : { kind: "conflict" };
  });
}

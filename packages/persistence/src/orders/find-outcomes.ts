import { formatDecimal } from "@pedidos/domain";
import type { Kysely } from "kysely";
import type { Database } from "../schema/database.generated.ts";
import { findIdentities } from "./find-identities.ts";
import { type Identity, isSameOrder } from "./identity.ts";

/** `recorded` tells the recorded total, which for an order taken over is the one rounded to the cent. */
export type WaitedOutcome =
  | { readonly kind: "recorded"; readonly total: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "pending" };

/** → for each order, in order, whether it is recorded by now, or another one stands under its id. One query for all. */
export async function findOutcomes(db: Kysely<Database>, asked: readonly Identity[]): Promise<WaitedOutcome[]> {
  const recorded = await findIdentities(db, [...new Set(asked.map((order) => order.orderId))]);
  return asked.map((order) => {
    const held = recorded.get(order.orderId);
    if (held === undefined) return { kind: "pending" };
    return isSameOrder(order, held) ? { kind: "recorded", total: formatDecimal(held.total) } : { kind: "conflict" };
  });
}

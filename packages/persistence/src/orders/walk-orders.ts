import type { ListedOrder } from "@pedidos/contract";
import type { Kysely } from "kysely";
import type { Database } from "../database.generated.ts";
import { listOrders, type OrderFilter, type Position } from "./list-orders.ts";

const PAGE = 1_000;

/** The whole list, newest first, page by page: no snapshot is held, however long the reader takes. */
export async function* walkOrders(db: Kysely<Database>, filter: OrderFilter): AsyncGenerator<ListedOrder[], void> {
  let after: Position | null | undefined;
  do {
    const page = await listOrders(db, { ...filter, ...(after ? { after } : {}), limit: PAGE });
    if (page.orders.length > 0) yield page.orders;
    after = page.next;
  } while (after !== null);
}

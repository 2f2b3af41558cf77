import { type ListedOrder, OrderPage, RecordedOrder } from "@pedidos/contract";
import { pMapIterable } from "p-map";
import type { Client } from "../open-client.ts";

type Reads = Pick<Client, "read">;
type Query = { readonly from?: string | undefined; readonly to?: string | undefined };

const ORDERS_A_PAGE = 200;
const ORDERS_IN_FLIGHT = 8;

/** Lists orders by pages, newest first: no answer stays open while its orders are fetched or written. */
export async function* listOrders(client: Reads, path: string, query: Query): AsyncGenerator<ListedOrder> {
  let cursor: string | undefined;
  do {
    const page = await client.read(OrderPage, { path, query: { ...query, limit: ORDERS_A_PAGE, cursor } });
    yield* page.orders;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** Fetches listed orders with their items, some at once, in their order. */
export async function* fetchOrders(client: Reads, listed: AsyncIterable<ListedOrder>): AsyncGenerator<RecordedOrder> {
  const fetchOne = ({ orderId }: ListedOrder) => client.read(RecordedOrder, { path: `/v1/orders/${orderId}` });
  yield* pMapIterable(listed, fetchOne, { concurrency: ORDERS_IN_FLIGHT });
}

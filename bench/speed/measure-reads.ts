import { type Db, findCustomer, findOrder, listOrders, openDatabase, type Position } from "@pedidos/persistence";
import type { Bench, Section } from "./bench.ts";
import { explainBuffers } from "./explain-buffers.ts";
import { type Figure, median } from "./figures.ts";
import { BIG_CUSTOMER, fillOrders, SMALL_CUSTOMER } from "./fill-orders.ts";
import { drain } from "./measure-draining.ts";
import { query } from "./query.ts";

const LARGE = { orders: 5_000_000, customers: 100_000 };
const SMALL = { orders: 10_000, customers: 200 };
const PAGE = 50;
const CALLS = 300;

type Read = (db: Db) => Promise<unknown>;
type Cost = { readonly buffers: number; readonly ms: number };

/** What reading costs at five million orders, beside ten thousand; and whether recording is as fast there. */
export const reads: Section = {
  name: "reads",
  async measure(bench) {
    const { place, say } = bench;
    const [large, small] = [await place.freshDatabase(), await place.freshDatabase()];
    await fillOrders(large, LARGE, (orders) => say(`reads: ${orders} of ${LARGE.orders} orders are there`));
    await fillOrders(small, SMALL, () => {});
    const [many, few] = [await costs(large, LARGE.orders), await costs(small, SMALL.orders)];
    const figures: Figure[] = Object.keys(many).flatMap((name) => {
      const pair = (what: keyof Cost) => ({
        values: [many[name]?.[what] ?? Number.NaN],
        baseline: { name: "at 10000 orders", values: [few[name]?.[what] ?? Number.NaN] },
        target: { atMost: 1.5 },
      });
      return [
        { name: `read at 5 million orders: ${name}`, unit: "buffers", ...pair("buffers") },
        { name: `read at 5 million orders: ${name}, p50`, unit: "ms", ...pair("ms") },
      ];
    });
    return [...figures, ...bigBesideSmall(many), await drainBesideEmpty(bench, large)];
  },
};

async function costs(url: string, orders: number): Promise<Record<string, Cost>> {
  const db = openDatabase({ connectionString: url, applicationName: "bench" });
  const pages = await pagesOf(url, BIG_CUSTOMER);
  const first =
    (customerId: number): Read =>
    (on) =>
      listOrders(on, { customerId, limit: PAGE });
  const all: Record<string, Read> = {
    "a customer's summary": (on) => findCustomer(on, BIG_CUSTOMER),
    "an order": (on) => findOrder(on, Math.floor(orders / 2)),
    "first page of the customer with a fifth of all": first(BIG_CUSTOMER),
    "middle page": (on) => listOrders(on, { customerId: BIG_CUSTOMER, limit: PAGE, after: pages.middle }),
    "last page": (on) => listOrders(on, { customerId: BIG_CUSTOMER, limit: PAGE, after: pages.last }),
    "all of the customer with ten": first(SMALL_CUSTOMER),
    "ten of the customer with a fifth of all": (on) => listOrders(on, { customerId: BIG_CUSTOMER, limit: 10 }),
  };
  const found: Record<string, Cost> = {};
  try {
    for (const [name, read] of Object.entries(all))
      found[name] = { buffers: await explainBuffers(db, url, read), ms: await time(() => read(db)) };
    return found;
  } finally {
    await db.destroy();
  }
}

async function time(read: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const began = performance.now();
    await read();
    took.push(performance.now() - began);
  }
  return median(took);
}

/** Where a customer's middle page and its last full one begin. */
async function pagesOf(url: string, customerId: number): Promise<{ middle: Position; last: Position }> {
  const at = async (offset: string): Promise<Position> => {
    const [row] = await query<{ at: string; seq: string }>(
      url,
      `select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, seq from orders
       where customer_id = $1 order by recorded_at, seq offset ${offset} limit 1`,
      [customerId],
    );
    return { recordedAt: row?.at ?? "", seq: Number(row?.seq) };
  };
  return {
    middle: await at("(select order_count / 2 from customers where customer_id = $1)"),
    last: await at(`${PAGE}`),
  };
}

function bigBesideSmall(costs: Record<string, Cost>): Figure[] {
  const [big, small] = [costs["ten of the customer with a fifth of all"], costs["all of the customer with ten"]];
  return [
    {
      name: "10 orders of a customer with 1 million",
      unit: "buffers",
      values: [big?.buffers ?? Number.NaN],
      baseline: { name: "of one with 10", values: [small?.buffers ?? Number.NaN] },
      target: { atMost: 1.5 },
    },
  ];
}

async function drainBesideEmpty(bench: Bench, large: string): Promise<Figure> {
  const count = bench.form.drained.gathered;
  const rates: { full: number; empty: number }[] = [];
  for (let round = 1; round <= 3; round++) {
    bench.say(`draining at 5 million orders, ${round} of 3`);
    rates.push({
      empty: await drain(bench, { count, ordersEach: 64 }),
      full: await drain(bench, { count, ordersEach: 64, databaseUrl: large }),
    });
  }
  return {
    name: "drain at 5 million orders",
    unit: "orders/s",
    values: rates.map(({ full }) => full),
    baseline: { name: "at none", values: rates.map(({ empty }) => empty) },
    target: { atLeast: 0.8 },
  };
}

import { type Db, findCustomer, findOrder, listOrders, openDatabase, type Position } from "@pedidos/persistence";
import { query } from "../harness/query.ts";
import type { Bench, Section } from "./bench.ts";
import { explainBuffers } from "./explain-buffers.ts";
import { type Figure, median } from "./figures.ts";
import { BIG_CUSTOMER, fillOrders, SMALL_CUSTOMER } from "./fill-orders.ts";
import { drain } from "./measure-draining.ts";

const LARGE = { orders: 5_000_000, customers: 100_000 };
const SMALL = { orders: 10_000, customers: 200 };
const PAGE = 50;
const CALLS = 300;

type Filled = { readonly url: string; readonly db: Db; readonly orders: number; readonly pages: Pages };
/** Where a customer's middle page and its last full one begin. */
type Pages = { readonly middle: Position; readonly last: Position };
type Read = (filled: Filled) => Promise<unknown>;
type Cost = { readonly many: number; readonly few: number };
type Costs = Readonly<Record<string, { readonly buffers: Cost; readonly ms: Cost }>>;

const firstPageOf =
  (customerId: number): Read =>
  ({ db }) =>
    listOrders(db, { customerId, limit: PAGE });
const pageOf =
  (where: keyof Pages): Read =>
  ({ db, pages }) =>
    listOrders(db, { customerId: BIG_CUSTOMER, limit: PAGE, after: pages[where] });

const READS: Readonly<Record<string, Read>> = {
  "a customer's summary": ({ db }) => findCustomer(db, BIG_CUSTOMER),
  "an order": ({ db, orders }) => findOrder(db, Math.floor(orders / 2)),
  "first page of the customer with a fifth of all": firstPageOf(BIG_CUSTOMER),
  "middle page": pageOf("middle"),
  "last page": pageOf("last"),
  "all of the customer with ten": firstPageOf(SMALL_CUSTOMER),
  "ten of the customer with a fifth of all": ({ db }) => listOrders(db, { customerId: BIG_CUSTOMER, limit: 10 }),
};

/** What reading costs at five million orders, beside ten thousand; and whether recording is as fast there. */
export const reads: Section = {
  name: "reads",
  async measure(bench) {
    const { testbed, log } = bench;
    const [large, small] = [await testbed.freshDatabase(), await testbed.freshDatabase()];
    await fillOrders(large, LARGE, (orders) => log(`reads: ${orders} of ${LARGE.orders} orders are there`));
    await fillOrders(small, SMALL, () => {});
    const found = await costs(await openFilled(large, LARGE.orders), await openFilled(small, SMALL.orders));
    const figures: Figure[] = Object.entries(found).flatMap(([name, { buffers, ms }]) => [
      { name: `read at 5 million orders: ${name}`, unit: "buffers", ...beside(buffers) },
      { name: `read at 5 million orders: ${name}, p50`, unit: "ms", ...beside(ms) },
    ]);
    return [...figures, ...bigBesideSmall(found), await drainBesideEmpty(bench, large)];
  },
};

function beside({ many, few }: Cost) {
  return { values: [many], baseline: { name: "at 10000 orders", values: [few] }, target: { atMost: 1.5 } };
}

async function openFilled(url: string, orders: number): Promise<Filled> {
  const db = openDatabase({ connectionString: url, applicationName: "bench" });
  return { url, db, orders, pages: await pagesOf(url, BIG_CUSTOMER) };
}

async function costs(many: Filled, few: Filled): Promise<Costs> {
  const found: Record<string, { buffers: Cost; ms: Cost }> = {};
  const buffersOf = (filled: Filled, read: Read) =>
    explainBuffers(filled.db, filled.url, (db) => read({ ...filled, db }));
  try {
    for (const [name, read] of Object.entries(READS)) {
      found[name] = {
        buffers: { many: await buffersOf(many, read), few: await buffersOf(few, read) },
        ms: await timeByTurns(
          () => read(many),
          () => read(few),
        ),
      };
    }
    return found;
  } finally {
    await Promise.all([many.db.destroy(), few.db.destroy()]);
  }
}

/** → medians in milliseconds; one call of each after the other, so that both meet the same machine. */
async function timeByTurns(many: () => Promise<unknown>, few: () => Promise<unknown>): Promise<Cost> {
  const took: { many: number; few: number }[] = [];
  for (let call = 0; call < CALLS; call++) took.push({ many: await time(many), few: await time(few) });
  return { many: median(took.map(({ many: ms }) => ms)), few: median(took.map(({ few: ms }) => ms)) };
}

async function time(read: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await read();
  return performance.now() - began;
}

async function pagesOf(url: string, customerId: number): Promise<Pages> {
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

function bigBesideSmall(costs: Costs): Figure[] {
  const [big, small] = [costs["ten of the customer with a fifth of all"], costs["all of the customer with ten"]];
  return [
    {
      name: "10 orders of a customer with 1 million",
      unit: "buffers",
      values: [big?.buffers.many ?? Number.NaN],
      baseline: { name: "of one with 10", values: [small?.buffers.many ?? Number.NaN] },
      target: { atMost: 1.5 },
    },
  ];
}

async function drainBesideEmpty(bench: Bench, large: string): Promise<Figure> {
  const count = bench.form.drained.gathered;
  const rates: { full: number; empty: number }[] = [];
  for (let round = 1; round <= 3; round++) {
    bench.log(`draining at 5 million orders, ${round} of 3`);
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

import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";

/** How many orders have been recorded, or are about to be: the sequence is drawn from once an order. Costs next to nothing. */
export async function readRecorded(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ recorded: string }>(
    "select case when is_called then last_value else 0 end as recorded from order_seq",
  );
  return Number(rows[0]?.recorded);
}

/** How many orders are committed and counted. A consumer that is idle draws from the sequence too: its probes do. */
export async function readCounted(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ counted: string | null }>("select sum(order_count) as counted from customers");
  return Number(rows[0]?.counted ?? 0);
}

const LIMIT_MS = 600_000;
const POLL_MS = 4;

/** → the time (of `performance.now`) at which so many were about to be recorded. */
export async function awaitRecording(client: pg.Client, count: number): Promise<number> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const recorded = await readRecorded(client);
    if (recorded >= count) return performance.now();
    if (performance.now() > deadline)
      throw new Error(`${recorded} of ${count} orders are recorded after ${LIMIT_MS} ms`);
    await wait(POLL_MS);
  }
}

/** What is awaited: `count` orders with ids from `firstId` on, beside the `before` that were there already. */
type Expected = { readonly count: number; readonly firstId?: number; readonly before?: number };

/**
 * Waits until exactly so many are committed and counted; of the orders only these are read, so that it takes hardly
 * longer where many others are. → when that was.
 */
export async function awaitCounted(client: pg.Client, { count, firstId = 0, before = 0 }: Expected): Promise<number> {
  await awaitRecording(client, before + count);
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const at = performance.now();
    const { rows } = await client.query<{ orders: string; counted: string | null }>(
      `select (select count(*) from orders where order_id >= $1) as orders,
         (select sum(order_count) from customers) as counted`,
      [firstId],
    );
    const [row] = rows;
    if (Number(row?.orders) === count && Number(row?.counted) === before + count) return at;
    if (at > deadline || Number(row?.orders) > count)
      throw new Error(`${count} orders were to be recorded: ${JSON.stringify(row)}`);
    await wait(POLL_MS);
  }
}

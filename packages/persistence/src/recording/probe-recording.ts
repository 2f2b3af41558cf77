import { limits, parseOrder } from "@pedidos/domain";
import { sql } from "kysely";
import { DatabaseUnavailable } from "../connection/classify-failure.ts";
import { type Db, limitStatements } from "../connection/statements.ts";
import { upsertRejections } from "../rejections/upsert-rejections.ts";
import { spoolClaimed, spoolOrders } from "../spool/spool-orders.ts";
import { deleteSpooled } from "../spool/spool-rows.ts";
import { insertOrders, type NewOrder, toNewOrder } from "./insert-orders.ts";

/** A probe must not wait for long: its caller wants to know whether recording works now. */
const PROBE_LIMITS = { statementMs: 3_000, lockMs: 1_000 };

const BODY = Buffer.from("probe");

/** Has the last id there is, so that it meets no other order; it is never committed. */
function probedOrder(): NewOrder {
  const items = [{ product: "probe", quantity: 1, unitPrice: 1 }];
  const parsed = parseOrder({ orderId: limits.id, customerId: limits.id, items });
  if (parsed.kind === "faults") throw new Error("the order of a probe is no order");
  return toNewOrder(parsed.order);
}

class RolledBack extends Error {}

/**
 * Does what recording does (an order with its customer's sums, a rejection, a spool row that comes and goes, outbox rows),
 * rolls it back, and then commits something that changes nothing.
 *
 * @throws if the database does not record, for any reason: rights, columns, locks, space, a standby
 */
export async function probeRecording(db: Db): Promise<void> {
  await probe(db, async (tx) => {
    await insertOrders(tx, [probedOrder()], { taken: "skip" });
    await upsertRejections(tx, [{ reason: "poison", source: "http", orderId: null, faults: [], body: BODY }]);
    const rows = await spoolClaimed(tx, [{ source: "http", body: BODY }]);
    const spoolIds = rows.map(({ spoolId }) => spoolId);
    await deleteSpooled(tx, spoolIds);
  });
}

/** As {@link probeRecording}, for taking orders into the spool. */
export async function probeSpool(db: Db): Promise<void> {
  await probe(db, (tx) => spoolOrders(tx, [{ source: "http", body: BODY }]));
}

async function probe(db: Db, work: (tx: Db) => Promise<void>): Promise<void> {
  await refuseWaitingCommits(db);
  await db
    .transaction()
    .execute(async (tx) => {
      await limitStatements(tx, PROBE_LIMITS);
      await work(tx);
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  // Writes to PostgreSQL's log of transactions alone, so that this commit waits for all that any commit waits for.
  await sql`select pg_logical_emit_message(true, 'pedidos', 'probe')`.execute(db);
}

/**
 * No timeout ends a commit that waits for a synchronous standby, and its server process stays when its client has gone.
 * While one of ours waits, nothing can be recorded, and another try would only leave another process behind.
 */
async function refuseWaitingCommits(db: Db): Promise<void> {
  const { rows } = await sql<{ waits: boolean }>`
    select exists (
      select from pg_stat_activity
      where datname = current_database() and usename = current_user and wait_event = 'SyncRep'
    ) as waits
  `.execute(db);
  if (rows[0]?.waits !== false)
    throw new DatabaseUnavailable("a commit waits for a synchronous standby that does not answer");
}

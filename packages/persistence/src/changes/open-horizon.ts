import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { type Db, firstRow } from "../connection/statements.ts";
import { newestStamp, ONE_LATER } from "../recording/stamp.ts";

/** What is recorded, and which transactions are recording. */
export type Transactions = {
  /** Later than everything that is recorded, by the least that times differ by. */
  readonly before: string;
  /** The transactions that were recording a moment later, by their virtual ids. */
  readonly open: readonly string[];
};

/**
 * A transaction that records holds a lock on a table from before its statement's snapshot until after its commit can be
 * seen, even while the commit waits for a standby and its client is gone. Every user may read every session's locks. This
 * statement's own snapshot is taken when it begins, the locks are read while it runs.
 *
 * Every user may take this lock too: to prepare a statement locks its tables before any right is checked. So the locks of
 * users who could not insert, as any role they become, are passed over.
 */
export async function readTransactions(db: Db): Promise<Transactions> {
  const { rows } = await sql<Transactions>`
    select coalesce(${newestStamp} + ${ONE_LATER}, 'epoch') as before, array(
      select virtualtransaction from pg_locks lock
      where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
        and database = (select oid from pg_database where datname = current_database())
        and relation in ('orders'::regclass, 'rejections'::regclass)
        and not exists (
          select from pg_stat_get_activity(lock.pid) session
          where session.usesysid is not null and not exists (
            select from pg_roles role
            where pg_has_role(session.usesysid, role.oid, 'member')
              and has_any_column_privilege(role.oid, lock.relation, 'insert')
          )
        )
    ) as open
  `.execute(db);
  return firstRow(rows);
}

/**
 * → a time before which everything that is or will be recorded can be seen by now, so that a reader up to it misses
 * nothing. Never goes back. Null if that is not known of any time yet.
 *
 * @param maxWaitMs how long it may wait for the transactions that are recording at the time of the call
 */
export type Horizon = (maxWaitMs?: number) => Promise<string | null>;

const POLL_MS = 10;
/** The least that it waits while no time is known yet. */
const FIRST_WAIT_MS = 2_000;

/**
 * Times of recording become visible out of order: a slow commit shows its orders after later ones. But a transaction that
 * begins to record after a read sees what that read saw, and stamps later than all of it (stamp.ts). So once those that
 * the read found recording have ended, everything up to its newest time can be seen. That depends neither on a clock nor on
 * any bound in time: a transaction that does not end stops the horizon until it does.
 *
 * `orders` and `rejections` must be read where they are written: a standby knows nothing of the primary's locks.
 */
export function openHorizon(read: () => Promise<Transactions>): Horizon {
  let final: string | null = null;
  let pending: { readonly before: string; readonly open: ReadonlySet<string> } | undefined;
  const advance = (time: string) => {
    if (final === null || microsOf(time) > microsOf(final)) final = time;
  };
  const poll = oneAtATime(async () => {
    const { before, open } = await read();
    if (pending !== undefined && !open.some((id) => pending?.open.has(id))) {
      advance(pending.before);
      pending = undefined;
    }
    if (open.length === 0) advance(before);
    else pending ??= { before, open: new Set(open) };
    return microsOf(before);
  });
  return async (maxWaitMs = 0) => {
    const began = performance.now();
    const wanted = await poll();
    const isWaiting = () => {
      const limitMs = final === null ? Math.max(maxWaitMs, FIRST_WAIT_MS) : maxWaitMs;
      return (final === null || microsOf(final) < wanted) && performance.now() - began < limitMs;
    };
    while (isWaiting()) {
      await wait(POLL_MS);
      await poll();
    }
    return final;
  };
}

/**
 * Runs one at a time: calls during a run share the next one, which begins after it. A read that began before another
 * must not be taken for a later one.
 */
function oneAtATime<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let ended: Promise<unknown> = Promise.resolve();
  let next: Promise<Result> | undefined;
  return () => {
    next ??= ended.then(() => {
      next = undefined;
      return run();
    });
    ended = next.catch(() => {});
    return next;
  };
}

/** → microseconds since 1970 of a time as {@link openDatabase} gives it; texts do not sort, as zeros at their end are left out. */
export function microsOf(time: string): number {
  const [seconds = "", fraction = ""] = time.slice(0, -1).split(".");
  return Date.parse(`${seconds}Z`) * 1_000 + Number(fraction.padEnd(6, "0"));
}

import { setTimeout as wait } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import { newestStamp, ONE_LATER } from "../recording/stamp.ts";
import type { Database } from "../schema/database.generated.ts";
import { microsOf } from "./change-position.ts";

/** What is recorded, and who is recording. */
export type Transactions = {
  /** Later than everything that is recorded, by the least that times differ by. */
  readonly before: string;
  /** The transactions that were recording a moment later, by their virtual ids. */
  readonly open: readonly string[];
};

/**
 * A transaction that records holds a lock on a table from before its statement's snapshot until after its commit can be
 * seen, also while the commit waits for a standby and its client is gone. Every user may read every session's locks. This
 * statement's own snapshot is taken when it begins, the locks are read while it runs.
 */
export async function readTransactions(db: Kysely<Database>): Promise<Transactions> {
  const { rows } = await sql<Transactions>`
    select coalesce(${newestStamp} + ${ONE_LATER}, 'epoch') as before, array(
      select virtualtransaction from pg_locks
      where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
        and database = (select oid from pg_database where datname = current_database())
        and relation in ('orders'::regclass, 'rejections'::regclass)
    ) as open
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not say what it is doing");
  return row;
}

/**
 * → a time before which everything that is or will be recorded can be seen by now, so that who reads up to it misses
 * nothing. Never goes back. Null where that is not known of any time yet.
 *
 * @param patienceMs how long it may wait for the transactions that are recording when it is asked
 */
export type Horizon = (patienceMs?: number) => Promise<string | null>;

const LOOK_AGAIN_MS = 10;
/** So long it waits at least while no time is known yet. */
const FIRST_PATIENCE_MS = 2_000;

/**
 * Times of recording become visible out of order: a transaction that is slow to commit shows its orders when later ones
 * are long there. But a transaction that begins to record after a look sees what that look saw, and stamps later than
 * all of it (stamp.ts). So once those that the look found recording have ended, all that was recorded up to its newest can be seen.
 * That rests neither on a clock nor on any bound in time: a transaction that does not end holds the horizon up until it does.
 *
 * `orders` and `rejections` must be read where they are written: a standby knows nothing of the primary's locks.
 */
export function openHorizon(read: () => Promise<Transactions>): Horizon {
  let final: string | null = null;
  let pending: { readonly before: string; readonly open: ReadonlySet<string> } | undefined;
  const look = oneAtATime(async () => {
    const { before, open } = await read();
    if (pending !== undefined && !open.some((id) => pending?.open.has(id))) {
      reach(pending.before);
      pending = undefined;
    }
    if (open.length === 0) reach(before);
    else pending ??= { before, open: new Set(open) };
    return before;
  });

  function reach(time: string): void {
    if (final === null || microsOf(time) > microsOf(final)) final = time;
  }

  return async (patienceMs = 0) => {
    const began = performance.now();
    const asked = microsOf(await look());
    const isWaiting = () =>
      final === null
        ? performance.now() - began < Math.max(patienceMs, FIRST_PATIENCE_MS)
        : microsOf(final) < asked && performance.now() - began < patienceMs;
    while (isWaiting()) {
      await wait(LOOK_AGAIN_MS);
      await look();
    }
    return final;
  };
}

/**
 * Runs one at a time: who asks while one runs shares the next one, which begins after. A look that began before another
 * must not be taken for a later one.
 */
function oneAtATime<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Result> | undefined;
  return () => {
    next ??= running.then(() => {
      const now = run();
      running = now.catch(() => {});
      next = undefined;
      return now;
    });
    return next;
  };
}

import { setTimeout as wait } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import { microsOf } from "./change-position.ts";
import type { Database } from "./database.generated.ts";

/** A moment by the database's clock, and the ids of transactions at that moment or a little later. */
export type Transactions = {
  readonly at: string;
  /** Nothing older is under way. */
  readonly oldest: number;
  /** None that has this id, or a higher one, had begun to write. */
  readonly next: number;
  /** No transaction records for so long as to be under way since then: every session of ours is bounded in time. */
  readonly settled: string;
};

export async function readTransactions(db: Kysely<Database>): Promise<Transactions> {
  // A snapshot's xmax is the last finished id and one; what runs may have higher ones. The age tells the next one.
  const { rows } = await sql<Transactions>`
    select statement_timestamp() as at, statement_timestamp() - interval '60 s' as settled,
      oldest::text::bigint as oldest, oldest::text::bigint + age(oldest::xid) as next
    from (select pg_snapshot_xmin(pg_current_snapshot()) as oldest) snapshot
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not say what it is doing");
  return row;
}

/**
 * → a time before which everything that is or will be recorded can be seen by now, so that who reads up to it misses
 * nothing. Never goes back.
 *
 * @param patienceMs how long it may wait for the transactions that were under way when it was asked
 */
export type Horizon = (patienceMs?: number) => Promise<string>;

const LOOK_AGAIN_MS = 10;
/** More than the moments of a minute, at the pace at which anybody asks; older ones are of no use. */
const MOST_WAITING = 2_000;

/**
 * Times of recording become visible out of order: a transaction that is slow to commit shows its orders when later ones
 * are long there. But it draws its id before it reads the clock (insert-orders.ts, upsert-rejections.ts). So whatever
 * was recorded before a moment has an id below the next one of that moment; and once nothing below that is under way,
 * all of it can be seen. A foreign transaction that writes for long holds that up, for at most a minute.
 *
 * @param read each look reads anew
 */
export function openHorizon(read: () => Promise<Transactions>): Horizon {
  let waiting: Transactions[] = [];
  let final = { time: "-infinity", micros: Number.NEGATIVE_INFINITY };

  function reach(time: string): void {
    const micros = microsOf(time);
    if (micros > final.micros) final = { time, micros };
  }

  /** → the moment of the look. */
  async function look(): Promise<number> {
    const now = await read();
    waiting.push(now);
    for (const { at, next } of waiting) if (next <= now.oldest) reach(at);
    waiting = waiting.filter(({ next }) => next > now.oldest).slice(-MOST_WAITING);
    reach(now.settled);
    return microsOf(now.at);
  }

  return async (patienceMs = 0) => {
    const deadline = performance.now() + patienceMs;
    const asked = await look();
    while (final.micros < asked && performance.now() < deadline) {
      await wait(LOOK_AGAIN_MS);
      await look();
    }
    return final.time;
  };
}

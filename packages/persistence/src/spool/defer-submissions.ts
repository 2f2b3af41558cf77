import { sql } from "kysely";
import { bigintArray, type Db } from "../connection/statements.ts";
import { type SpooledBody, spoolClaimed } from "./spool-orders.ts";

/** A submission that the database has refused to record while it records others. */
export type Deferred = Omit<SpooledBody, "suspect"> & {
  /** Of one that is in the spool already; it is claimed. */
  readonly spoolId?: number | undefined;
  /** Whether it was tried alone, as it will be again. */
  readonly isSuspect: boolean;
  /** Its id, if that is known, so that its trace finds it. */
  readonly orderId: number | null;
  /** The database's answer: an SQLSTATE. */
  readonly code: string;
};

/** Keeps submissions in the spool, to be tried again later and apart from others. All in one transaction. */
export async function deferSubmissions(db: Db, deferred: readonly Deferred[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const isFresh = ({ spoolId }: Deferred) => spoolId === undefined;
    const fresh = deferred.filter(isFresh);
    const claimed = fresh.length === 0 ? [] : await spoolClaimed(tx, fresh);
    const spooled = fresh.map((one, index) => ({ ...one, spoolId: claimed[index]?.spoolId }));
    await postponeClaimed(tx, [...spooled, ...deferred.filter((one) => !isFresh(one))]);
  });
}

/** No row has this id. */
const NO_ID = 0;
/** Seconds until a submission that was refused n times is tried again: 1, 2, 4 … */
const LONGEST_BACK_OFF_S = 15;

/** Releases claimed rows; the answer of the database counts as no try. */
async function postponeClaimed(tx: Db, rows: readonly Deferred[]): Promise<void> {
  await sql`
    update spool set
      leased_until = null,
      tries = tries - 1,
      suspect = refused.suspect,
      refusals = refusals + 1,
      refused_for = refused.code,
      order_id = nullif(refused.order_id, ${NO_ID}),
      retry_at = clock_timestamp() + least(${LONGEST_BACK_OFF_S}, 2 ^ least(refusals, 10)) * interval '1 s'
    from unnest(
      ${bigintArray(rows.map(({ spoolId }) => spoolId ?? NO_ID))}, ${bigintArray(rows.map(({ orderId }) => orderId ?? NO_ID))},
      ${rows.map(({ isSuspect }) => isSuspect)}::boolean[], ${rows.map(({ code }) => code)}::text[]
    ) as refused (id, order_id, suspect, code)
    where spool_id = refused.id and leased_until is not null
  `.execute(tx);
}

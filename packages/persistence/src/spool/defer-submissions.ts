import type { Source } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";
import { spoolClaimed } from "./spool-orders.ts";

/** A submission that the database has refused to record while it records others. */
export type Deferred = {
  readonly source: Source;
  readonly body: Uint8Array;
  /** Of one that is in the spool already; it is claimed. */
  readonly spoolId?: number | undefined;
  readonly tries?: number;
  readonly traceparent?: string | undefined;
  /** Whether it was tried alone, as it will be again. */
  readonly isSuspect: boolean;
  /** Whose it is, where that is known, so that its trace finds it. */
  readonly orderId: number | null;
  /** What the database answered: an SQLSTATE. */
  readonly code: string;
};

/** Seconds until a submission that was refused n times is tried again: 1, 2, 4 … */
const LONGEST_BACK_OFF_S = 15;

/**
 * Keeps submissions in the spool, to be tried again later and apart from others: an answer counts as no try. All in one
 * transaction.
 */
export async function deferSubmissions(db: Kysely<Database>, deferred: readonly Deferred[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const fresh = deferred.filter(({ spoolId }) => spoolId === undefined);
    const spooled = fresh.length === 0 ? [] : await spoolClaimed(tx, fresh);
    const rows = [
      ...fresh.map((one, index) => ({ ...one, spoolId: spooled[index]?.spoolId })),
      ...deferred.filter(({ spoolId }) => spoolId !== undefined),
    ].flatMap(({ spoolId, isSuspect, orderId, code }) =>
      spoolId === undefined ? [] : [{ spoolId, isSuspect, orderId, code }],
    );
    await sql`
      update spool set
        leased_until = null,
        tries = tries - 1,
        suspect = refused.suspect,
        refusals = refusals + 1,
        refused_for = refused.code,
        order_id = nullif(refused.order_id, 0),
        retry_at = clock_timestamp() + least(${LONGEST_BACK_OFF_S}, 2 ^ least(refusals, 10)) * interval '1 s'
      from unnest(
        ${bigintArray(rows.map(({ spoolId }) => spoolId))}, ${bigintArray(rows.map(({ orderId }) => orderId ?? 0))},
        ${rows.map(({ isSuspect }) => isSuspect)}::boolean[], ${rows.map(({ code }) => code)}::text[]
      ) as refused (id, order_id, suspect, code)
      where spool_id = refused.id and leased_until is not null
    `.execute(tx);
  });
}

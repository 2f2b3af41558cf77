import { sql } from "kysely";

/** The newest time of recording or rejection in the statement's snapshot; null if there is none. A probe of each index. */
export const newestStamp = sql<string | null>`greatest(
  (select recorded_at from orders order by recorded_at desc limit 1),
  (select first_seen_at from rejections order by first_seen_at desc limit 1)
)`;

/** The least that times differ by. */
export const ONE_LATER = sql`interval '1 microsecond'`;

/**
 * The time of what a statement records: the clock, but later than everything that can be seen when the statement begins.
 * So a clock that is set back, as by a failover to a slower one, sets no order before an earlier one. {@link openHorizon}
 * depends on that, and on the isolation `read committed`, by which a statement's snapshot comes after its locks on tables.
 */
export const stamp = sql<string>`greatest(clock_timestamp(), ${newestStamp} + ${ONE_LATER})`;

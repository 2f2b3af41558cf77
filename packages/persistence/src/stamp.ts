import { sql } from "kysely";

/**
 * The time of what a transaction records: the clock, read after the transaction has drawn its id. {@link openHorizon}
 * rests on that order, which `case` keeps.
 */
export const stamp = sql<string>`case when pg_current_xact_id() is not null then clock_timestamp() end`;

import pg from "pg";
import { firstRow } from "../connection/statements.ts";

/** What the durability of a commit depends on, and what blocks a database's clean-up, as far as this user sees it. */
export type DurabilityFacts = {
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** The default of this user in this database; our own sessions set theirs. */
  readonly synchronousCommit: string;
  readonly synchronousStandbyNames: string;
  /** How many synchronous standbys are connected; null if this user may not see it. */
  readonly synchronousStandbys: number | null;
  readonly holds: readonly Hold[];
  /** How many transactions ago the oldest row of any database was frozen; near 2^31 the server takes no writes. */
  readonly unfrozen: number;
  /** Whether this user sees the transactions of others. */
  readonly seesOthers: boolean;
  /** How far the newest order's time of recording is ahead of the database's clock; null if there is none to see. */
  readonly newestAheadMs: number | null;
};

/** What keeps vacuum from removing rows, or the server from removing its log. */
export type Hold =
  | { readonly kind: "transaction"; readonly name: string; readonly pid: number; readonly since: string }
  | { readonly kind: "prepared"; readonly name: string; readonly since: string }
  | { readonly kind: "slot"; readonly name: string; readonly isActive: boolean };

const AN_HOUR_MS = 3_600_000;
/** Transactions: a standby that is this far behind holds more than a hiccup explains. */
const FAR_BEHIND = 5_000_000;

/** @param heldMs how long a transaction may be open before it counts as a hold */
export async function readDurability(client: pg.Client, heldMs = AN_HOUR_MS): Promise<DurabilityFacts> {
  const { rows } = await client.query<Omit<DurabilityFacts, "holds" | "newestAheadMs">>(`
    select current_setting('fsync')::boolean as fsync, current_setting('full_page_writes')::boolean as "fullPageWrites",
      current_setting('synchronous_commit') as "synchronousCommit",
      current_setting('synchronous_standby_names') as "synchronousStandbyNames",
      (select max(age(datfrozenxid)) from pg_database) as unfrozen,
      pg_has_role(current_user, 'pg_read_all_stats', 'usage') as "seesOthers",
      case when pg_has_role(current_user, 'pg_read_all_stats', 'usage') then
        (select count(*)::integer from pg_stat_replication where sync_state in ('sync', 'quorum'))
      end as "synchronousStandbys"`);
  return { ...firstRow(rows), holds: await readHolds(client, heldMs), newestAheadMs: await readNewest(client) };
}

/** The text of a statement is not read: it may hold an order. */
async function readHolds(client: pg.Client, heldMs: number): Promise<Hold[]> {
  const since = (time: string) => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since`;
  const isOld = (time: string) => `${time} < clock_timestamp() - make_interval(secs => ${heldMs / 1_000})`;
  const transactions = await client.query<Hold>(`
    select 'transaction' as kind, concat_ws(' of ', nullif(application_name, ''), usename) as name, pid,
      ${since("xact_start")}
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
      and (backend_xmin is not null or backend_xid is not null) and ${isOld("xact_start")}
    order by xact_start limit 10`);
  const prepared = await client.query<Hold>(`
    select 'prepared' as kind, gid as name, ${since("prepared")} from pg_prepared_xacts
    where database = current_database() and ${isOld("prepared")} order by prepared limit 10`);
  const slots = await client.query<Hold>(`
    select 'slot' as kind, slot_name as name, active as "isActive" from pg_replication_slots
    where not active or greatest(age(xmin), age(catalog_xmin)) > ${FAR_BEHIND} order by slot_name limit 10`);
  return [transactions, prepared, slots].flatMap(({ rows }) => rows);
}

async function readNewest(client: pg.Client): Promise<number | null> {
  try {
    const { rows } = await client.query<{ aheadMs: number }>(`
      select (extract(epoch from recorded_at - clock_timestamp()) * 1000)::double precision as "aheadMs"
      from orders order by recorded_at desc, seq desc limit 1`);
    return rows[0] === undefined ? null : Math.round(rows[0].aheadMs);
  } catch (error) {
    // The database is not migrated, or this user may not see the table; other findings cover both.
    if (error instanceof pg.DatabaseError) return null;
    throw error;
  }
}

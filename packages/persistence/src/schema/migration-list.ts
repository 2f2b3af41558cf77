import type pg from "pg";
import { firstRow } from "../connection/first-row.ts";

/** The table in which the migrator keeps the files that it applied, in a schema named after the one it migrates. */
export type MigrationList = {
  /** As identifiers of SQL. */
  readonly schema: string;
  readonly table: string;
  readonly exists: boolean;
  /** Whether this user may read it; true where there is none. */
  readonly maySee: boolean;
};

const PREFIX = "pedidos_migrations_of_";
/** PostgreSQL cuts off longer names. */
const LONGEST_NAME_BYTES = 63;
/** The longest name of a schema whose list can have a name of its own. */
export const LONGEST_SCHEMA_BYTES = LONGEST_NAME_BYTES - PREFIX.length;

/**
 * Finds the list of the installation that this session's search path leads to. No other program's tables collide with it,
 * nor do other installations in the same database: each has a schema, and its list beside that.
 */
export async function findMigrationList(client: pg.Client): Promise<MigrationList> {
  const { rows } = await client.query<MigrationList>(
    `select quote_ident(own.name) as schema, quote_ident(own.name) || '.files' as "table", c.oid is not null as exists,
      coalesce(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'), true) as "maySee"
    from (select $1::text || current_schema() as name) own
    left join pg_namespace n on n.nspname = own.name
    left join pg_class c on c.relnamespace = n.oid and c.relname = 'files'`,
    [PREFIX],
  );
  return firstRow(rows);
}

/** → the names of the files that are applied: none where the schema was emptied and its list stayed. */
export async function readApplied(client: pg.Client, list: MigrationList): Promise<ReadonlySet<string>> {
  if (!list.exists) return new Set();
  const { rows } = await client.query<{ name: string }>(
    `select name from ${list.table}
    where exists (select from pg_class where relnamespace = quote_ident(current_schema())::regnamespace)`,
  );
  return new Set(rows.map(({ name }) => name));
}

/** Makes the list, if it is not there, and adds files to it. */
export async function addApplied(
  client: pg.Client,
  { schema, table, exists }: MigrationList,
  names: readonly string[],
): Promise<void> {
  if (!exists)
    await client.query(`create schema ${schema};
      create table ${table} (name text primary key, applied_at timestamptz not null default now())`);
  await client.query(
    `insert into ${table} (name) select unnest($1::text[]) on conflict (name) do update set applied_at = now()`,
    [names],
  );
}

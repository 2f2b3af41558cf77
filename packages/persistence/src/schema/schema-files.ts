import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { firstRow } from "../connection/statements.ts";

/** As seen from a bundle that brings them, from a bundle in `apps/<app>/dist`, from this file. */
const PLACES = ["sql", "../../../infra/sql", "../../../../infra/sql"];

/** → where the numbered SQL files are: beside a bundle, or in the repository's `infra/sql`. */
export function schemaDirectory(): string {
  const places = PLACES.map((place) => join(import.meta.dirname, place));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`no SQL files in ${places.join(", ")}`);
  return found;
}

/** → the names of the numbered files, in their order. */
export async function listSchemaFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
}

/** The table in which the migrator keeps the files that it applied, in a schema named after the one it migrates. */
export type MigrationList = {
  /** As identifiers of SQL. */
  readonly schema: string;
  readonly table: string;
  readonly exists: boolean;
  /** Whether this user may read it; true if there is none. */
  readonly maySee: boolean;
};

const PREFIX = "pedidos_migrations_of_";
/** The longest name of a schema whose list can have a name of its own: PostgreSQL cuts off a name after 63 bytes. */
export const LONGEST_SCHEMA_BYTES = 63 - PREFIX.length;

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

/** → the files of a directory that are not applied, in order: all of them if the schema was emptied and its list stayed. */
export async function findPending(client: pg.Client, list: MigrationList, directory: string): Promise<string[]> {
  const names = await listSchemaFiles(directory);
  if (!list.exists) return names;
  const { rows } = await client.query<{ name: string }>(
    `select name from ${list.table}
    where exists (select from pg_class where relnamespace = quote_ident(current_schema())::regnamespace)`,
  );
  const applied = new Set(rows.map(({ name }) => name));
  return names.filter((name) => !applied.has(name));
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

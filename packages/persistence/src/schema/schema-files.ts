import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
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

/** SQLSTATEs of a schema that another session has made, before or while this one tried to. */
const IS_MADE = ["42P06", "23505"];

/**
 * Locks the list until the transaction ends, so that of several runs one at a time goes on; waits as long as that takes.
 * Makes the list first if there is none. Only its owner can lock it, while anybody who may connect can take any advisory
 * lock, and so keep a migration from ever beginning.
 *
 * @returns the list, which exists now
 */
export async function lockMigrationList(client: pg.Client, list: MigrationList): Promise<MigrationList> {
  if (!list.exists) {
    await client.query("savepoint before_list");
    // Another run's list that is not committed yet is waited for here.
    await makeMigrationList(client, list).catch(async (error: unknown) => {
      if (!(error instanceof pg.DatabaseError && IS_MADE.includes(error.code ?? ""))) throw error;
      await client.query("rollback to savepoint before_list");
    });
  }
  await client.query(`lock table ${list.table} in exclusive mode`);
  return { ...list, exists: true };
}

async function makeMigrationList(client: pg.Client, { schema, table }: MigrationList): Promise<void> {
  await client.query(`create schema ${schema};
    create table ${table} (name text primary key, applied_at timestamptz not null default now())`);
}

/** Adds files to the list, which exists. */
export async function addApplied(client: pg.Client, { table }: MigrationList, names: readonly string[]): Promise<void> {
  await client.query(
    `insert into ${table} (name) select unnest($1::text[]) on conflict (name) do update set applied_at = now()`,
    [names],
  );
}

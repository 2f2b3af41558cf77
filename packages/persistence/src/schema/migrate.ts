import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { databaseAddress } from "../connection/database-address.ts";
import { addApplied, findMigrationList, readApplied } from "./migration-list.ts";
import { refuseUnfit, refuseUnprepared } from "./refuse-migration.ts";

/** What a run of the migrator has done. */
export type Migrated = {
  /** Names of the files that were applied now; empty where the schema was up to date. */
  readonly applied: readonly string[];
  /** What the files said with RAISE NOTICE. */
  readonly notices: readonly string[];
};

/** Whether what a failed run did is in the database is not known: the connection was lost during the commit. */
export class MigrationUncertain extends Error {}

/**
 * Applies the numbered `.sql` files of a directory that are not applied yet, in order, in one transaction and under a
 * lock: of two processes that run it at once, one waits for the other and finds nothing left to do.
 *
 * @throws {MigrationRefused} where the database has to be changed by a person first
 * @throws {MigrationUncertain} where the schema may be migrated or not
 * @throws when a file fails, with the file's name. In all cases but the second nothing is changed
 */
export async function migrate(options: { connectionString: string; directory: string }): Promise<Migrated> {
  const names = await listSchemaFiles(options.directory);
  const notices: string[] = [];
  const client = new pg.Client({
    connectionString: databaseAddress(options.connectionString),
    application_name: "pedidos-migrate",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A connection that is lost fails the query; unheard, one that is lost while it ends would end the process.
  client.on("error", () => {});
  // RAISE NOTICE has this code; the server's own notices have others, and their severity is in the server's language.
  client.on("notice", ({ code, message }) => {
    if (code === "00000" && message !== undefined) notices.push(message);
  });
  await client.connect();
  try {
    const applied = await inTransaction(client, () => applyMissing(client, options.directory, names));
    return { applied, notices };
  } finally {
    await client.end().catch(() => {});
  }
}

/** → the names of the numbered files of the schema, in their order. */
export async function listSchemaFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
}

async function inTransaction<Result>(client: pg.Client, work: () => Promise<Result>): Promise<Result> {
  // Not repeatable read: who waited for the lock has to see what the other did.
  await client.query("begin isolation level read committed");
  const result = await work().catch(async (error) => {
    await client.query("rollback").catch(() => {});
    throw error;
  });
  try {
    await client.query("commit");
  } catch (error) {
    const isRefused = await client.query("select").then(
      () => true,
      () => false,
    );
    if (isRefused) throw error;
    throw new MigrationUncertain("the connection was lost during the commit", { cause: error });
  }
  return result;
}

/** A number of this migrator's own: the lock is that of the database, whatever else is in it. */
const LOCK = "5716803120443518301";
/** While it waits for a lock on a table, everybody waits behind it. */
const LOCK_TIMEOUT = "30s";

/** What a role, the database or a URL may have set otherwise. Files take the time they take. */
const SETTINGS = {
  statement_timeout: "0",
  transaction_timeout: "0",
  idle_in_transaction_session_timeout: "60s",
  lock_timeout: "0",
  client_min_messages: "notice",
  synchronous_commit: "on",
  standard_conforming_strings: "on",
  array_nulls: "on",
};

async function applyMissing(client: pg.Client, directory: string, names: readonly string[]): Promise<string[]> {
  await refuseUnfit(client);
  await applySettings(client, SETTINGS);
  await client.query(`select pg_advisory_xact_lock(${LOCK})`);
  await applySettings(client, { lock_timeout: LOCK_TIMEOUT });
  const list = await findMigrationList(client);
  const applied = await readApplied(client, list);
  const missing = names.filter((name) => !applied.has(name));
  if (missing.length === 0) return [];
  await refuseUnprepared(client, list);
  for (const name of missing) {
    const text = await readFile(join(directory, name), "utf8");
    await client.query(text).catch((error: unknown) => {
      throw new Error(`${name} could not be applied`, { cause: error });
    });
  }
  await addApplied(client, list, missing);
  return missing;
}

/** For this transaction; a setting that this version of PostgreSQL does not have is passed over. */
async function applySettings(client: pg.Client, settings: Readonly<Record<string, string>>): Promise<void> {
  await client.query(
    `select set_config(s.name, wanted.value, true)
    from unnest($1::text[], $2::text[]) as wanted (name, value) join pg_settings s on s.name = wanted.name`,
    [Object.keys(settings), Object.values(settings)],
  );
}

/** Whether the database still holds the replaced system's table `pedidos`, which the migrator will take over. */
export async function holdsReplacedTable(connectionString: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: databaseAddress(connectionString),
    application_name: "pedidos",
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    const { rows } = await client.query(
      "select from pg_class where oid = to_regclass('pedidos') and relkind in ('r', 'p')",
    );
    return rows.length > 0;
  } finally {
    await client.end();
  }
}

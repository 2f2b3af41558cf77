import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { prepareSession } from "../connection/prepare-session.ts";
import { withClient } from "../connection/with-client.ts";
import { addApplied, findMigrationList, readApplied } from "./migration-list.ts";
import { refuseUnfit, refuseUnprepared } from "./refuse-migration.ts";

/** What a run of the migrator has done. */
export type Migrated = {
  /** Names of the files that were applied now; empty where the schema was up to date. */
  readonly applied: readonly string[];
  /** What the files reported with RAISE NOTICE. */
  readonly notices: readonly string[];
};

/** It is not known whether the work of a failed run is in the database: the connection was lost during the commit. */
export class MigrationUncertain extends Error {}

/** Files take the time they take. The lock on the schema is waited for as long as another run lasts. */
const LIMITS = { keepTimeZone: true, statementMs: 0, lockMs: 0, idleInTransactionMs: 60_000 };

/**
 * Applies the numbered `.sql` files of a directory that are not applied yet, in order, in one transaction and under a
 * lock: of two processes that run it at once, one waits for the other and finds nothing left to do.
 *
 * @throws {MigrationRefused} where the database has to be changed by a person first
 * @throws {MigrationUncertain} where the schema may be migrated or not
 * @throws when a file fails, with the file's name. In all cases but the second nothing is changed
 */
export async function migrate({
  connectionString,
  directory,
}: {
  readonly connectionString: string;
  readonly directory: string;
}): Promise<Migrated> {
  const names = await listSchemaFiles(directory);
  const notices: string[] = [];
  const applied = await withClient({ connectionString, applicationName: "pedidos-migrate" }, async (client) => {
    // RAISE NOTICE has this code; the server's own notices have others, and their severity is in the server's language.
    client.on("notice", ({ code, message }) => {
      if (code === "00000" && message !== undefined) notices.push(message);
    });
    await prepareSession(client, LIMITS);
    return await inTransaction(client, () => applyMissing(client, directory, names));
  });
  return { applied, notices };
}

/** → the names of the numbered files of the schema, in their order. */
export async function listSchemaFiles(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
}

async function inTransaction<Result>(client: pg.Client, work: () => Promise<Result>): Promise<Result> {
  // Not repeatable read: whoever waited for the lock has to see what the other run did.
  await client.query("begin isolation level read committed");
  const result = await work().catch(async (error) => {
    await client.query("rollback").catch(() => {});
    throw error;
  });
  await client.query("commit").catch(async (error) => {
    const uncertain = new MigrationUncertain("the connection was lost during the commit", { cause: error });
    await client.query("select").catch(() => Promise.reject(uncertain));
    throw error;
  });
  return result;
}

async function applyMissing(client: pg.Client, directory: string, names: readonly string[]): Promise<string[]> {
  await refuseUnfit(client);
  await lockMigrations(client);
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

/** The lock is the database's, whatever else is in it: the number is this migrator's own. */
async function lockMigrations(client: pg.Client): Promise<void> {
  await client.query("select pg_advisory_xact_lock(5716803120443518301)");
  // While a file waits for a lock on a table, everybody waits behind it.
  await client.query("set local lock_timeout = '30s'");
}

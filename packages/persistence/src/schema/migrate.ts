import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { prepareSession } from "../connection/prepare-session.ts";
import { withClient } from "../connection/with-client.ts";
import { readFacts, refuse, unfitness, unpreparedness } from "./refuse-migration.ts";
import { addApplied, findMigrationList, findPending, lockMigrationList } from "./schema-files.ts";

/** It is not known whether the work of a failed run is in the database: the connection was lost during the commit. */
export class MigrationUncertain extends Error {}

/** A file may take any time, and so may another run, whose lock this one waits for. */
const LIMITS = { keepTimeZone: true, statementMs: 0, lockMs: 0, idleInTransactionMs: 60_000 };

/**
 * Applies the numbered `.sql` files of a directory that are not applied yet, in order, in one transaction and under a
 * lock on their list: of two processes that run it at once, one waits for the other and finds nothing left to do.
 *
 * @returns the names of the files that were applied now, none if the schema was up to date; and as notices what the files
 *   reported with RAISE NOTICE
 * @throws {MigrationRefused} if the database has to be changed by a person first
 * @throws {MigrationUncertain} if the schema may be migrated or not
 * @throws when a file fails, with the file's name. In all cases but the second nothing is changed
 */
export async function migrate({ connectionString, directory }: { connectionString: string; directory: string }) {
  const notices: string[] = [];
  const connection = { connectionString, applicationName: "pedidos-migrate", connectMs: 10_000, answerMs: 0 };
  const applied = await withClient(connection, async (client) => {
    // RAISE NOTICE has this code; the server's own notices have others, and their severity is in the server's language.
    client.on("notice", ({ code, message }) => {
      if (code === "00000" && message !== undefined) notices.push(message);
    });
    await prepareSession(client, LIMITS);
    return await inTransaction(client, () => applyPending(client, directory));
  });
  return { applied, notices };
}

async function inTransaction<Result>(client: pg.Client, work: () => Promise<Result>): Promise<Result> {
  // Not repeatable read: a run that waited for the lock has to see what the other run did.
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

async function applyPending(client: pg.Client, directory: string): Promise<string[]> {
  const facts = await readFacts(client);
  refuse(unfitness(facts));
  const found = await findMigrationList(client);
  if ((await findPending(client, found, directory)).length === 0) return [];
  refuse(unpreparedness(facts, found));
  const list = await lockMigrationList(client, found);
  // What another run has applied while this one waited is not pending any more.
  const pending = await findPending(client, list, directory);
  // While a file waits for a lock on a table, every other session waits behind it.
  await client.query("set local lock_timeout = '30s'");
  for (const name of pending) {
    const text = await readFile(join(directory, name), "utf8");
    await client.query(text).catch((error: unknown) => {
      throw new Error(`${name} could not be applied`, { cause: error });
    });
  }
  await addApplied(client, list, pending);
  return pending;
}

/** Whether the database still holds the replaced system's table `pedidos`, which the migrator will take over. */
export async function holdsReplacedTable(connectionString: string): Promise<boolean> {
  return await withClient({ connectionString, applicationName: "pedidos" }, async (client) => {
    const { rows } = await client.query(
      "select from pg_class where oid = to_regclass('pedidos') and relkind in ('r', 'p')",
    );
    return rows.length > 0;
  });
}

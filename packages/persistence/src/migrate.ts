import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Kysely, PostgresDialect, sql } from "kysely";
import { type Migration, type MigrationProvider, Migrator } from "kysely/migration";
import pg from "pg";

/** What a run of the migrator has done. */
export type Migrated = {
  /** Names of the files that were applied now; empty where the schema was up to date. */
  readonly applied: readonly string[];
  /** What the files said with RAISE NOTICE. */
  readonly notices: readonly string[];
};

/**
 * Applies the numbered `.sql` files of a directory that are not applied yet, in order, in one transaction and under a
 * lock: of two processes that run it at once, one waits for the other and finds nothing left to do.
 *
 * @throws when a file fails, with the file's name; then none of this run's files is applied
 */
export async function migrate(options: { connectionString: string; directory: string }): Promise<Migrated> {
  const notices: string[] = [];
  const pool = new pg.Pool({ connectionString: options.connectionString, application_name: "pedidos-migrate", max: 2 });
  // A connection that is lost while in use fails its query; unheard, one that is lost while it ends would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", () => {});
    client.on("notice", (notice) => {
      if (notice.severity === "NOTICE" && notice.message !== undefined) notices.push(notice.message);
    });
  });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({
      db,
      provider: sqlFiles(options.directory),
      migrationTableName: "schema_migrations",
      migrationLockTableName: "schema_migrations_lock",
    });
    const { error, results = [] } = await migrator.migrateToLatest();
    const failed = results.find((result) => result.status === "Error");
    if (error !== undefined)
      throw new Error(failed ? `${failed.migrationName} could not be applied` : "the schema could not be migrated", {
        cause: error,
      });
    return { applied: results.map((result) => result.migrationName), notices };
  } finally {
    await db.destroy();
  }
}

/** Forward only: a file has no way back. */
function sqlFiles(directory: string): MigrationProvider {
  return {
    async getMigrations() {
      const names = (await readdir(directory)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
      const entries = names.map(async (name): Promise<[string, Migration]> => {
        const text = await readFile(join(directory, name), "utf8");
        return [name, { up: async (db) => void (await sql.raw(text).execute(db)) }];
      });
      return Object.fromEntries(await Promise.all(entries));
    },
  };
}

/** Whether the database still holds the replaced system's table `pedidos`, which the migrator will take over. */
export async function holdsReplacedTable(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, application_name: "pedidos", connectionTimeoutMillis: 10_000 });
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

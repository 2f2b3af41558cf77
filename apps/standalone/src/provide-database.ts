import { startLocalPostgres } from "@pedidos/local-postgres";
import { holdsReplacedTable, MigrationRefused, migrate, schemaDirectory } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { StandaloneSettings } from "./settings.ts";
import { StartRefused } from "./start-refused.ts";

export type ProvidedDatabase = {
  readonly connectionString: string;
  /** Whether nobody but this process uses it. */
  readonly isOwn: boolean;
  stop(): Promise<void>;
};

/** A database with today's schema: of a server of this process's own, or the one that DATABASE_URL names. */
export async function provideDatabase(settings: StandaloneSettings, log: Log): Promise<ProvidedDatabase> {
  const database =
    settings.DATABASE_URL === undefined ? await startServer(settings, log) : await useDatabase(settings.DATABASE_URL);
  try {
    const { applied } = await migrate({
      connectionString: database.connectionString,
      directory: schemaDirectory(),
    });
    if (applied.length > 0) log.info({ applied }, "brought the schema up to date");
    return database;
  } catch (error) {
    await database.stop();
    throw error instanceof MigrationRefused ? new StartRefused(`${error.message} Nothing was changed.`) : error;
  }
}

async function startServer({ DATA_DIR, POSTGRES_DIR }: StandaloneSettings, log: Log): Promise<ProvidedDatabase> {
  const server = await startLocalPostgres({ directory: DATA_DIR, binaries: POSTGRES_DIR, log });
  return { connectionString: server.connectionString, isOwn: true, stop: () => server.stop() };
}

/** Taking over the replaced system's orders rebuilds its table: not something that a first try may do by the way. */
async function useDatabase(connectionString: string): Promise<ProvidedDatabase> {
  if (await holdsReplacedTable(connectionString))
    throw new StartRefused(
      "The database that DATABASE_URL names holds the table pedidos of the system that this one replaces. Take its orders over with the migrator first: npx -y pnpm@12 build && node apps/migrate/dist/main.js, with the same DATABASE_URL. Nothing was changed.",
    );
  return { connectionString, isOwn: false, stop: async () => {} };
}

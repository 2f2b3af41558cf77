import pg from "pg";
import { databaseAddress } from "./database-address.ts";

export type ClientOptions = {
  readonly connectionString: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly connectMs?: number;
  /** How long a statement may stay without an answer; 0: for ever. */
  readonly answerMs?: number;
};

/**
 * Does work on a connection of its own, outside every pool, and closes it.
 *
 * @throws what pg throws if the database is away, silent, or refuses this user
 */
export async function withClient<Result>(
  { connectionString, applicationName, connectMs = 5_000, answerMs = 5_000 }: ClientOptions,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: databaseAddress(connectionString),
    application_name: applicationName,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
  });
  // A lost connection fails the query; without a listener, one that is lost while it ends would end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await endOrCut(() => client.end(), [client]).catch(() => {});
  }
}

/** Ends connections, and cuts those that a server which stands still does not close. */
export async function endOrCut(
  end: () => Promise<void>,
  clients: Iterable<pg.Client | pg.PoolClient>,
  limitMs = 1_000,
): Promise<void> {
  const late = setTimeout(() => {
    for (const { connection } of clients) connection.stream.destroy(new Error("the connection is closed"));
  }, limitMs);
  await end().finally(() => clearTimeout(late));
}

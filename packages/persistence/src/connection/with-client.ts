import pg from "pg";
import { databaseAddress } from "./database-address.ts";

const LIMIT_MS = 5_000;
const END_MS = 1_000;

/**
 * Asks on a connection of its own, outside every pool, and closes it.
 *
 * @throws what pg throws where the database is away, silent for 5 s, or refuses this user
 */
export async function askOnce<Answer>(
  { connectionString, applicationName }: { readonly connectionString: string; readonly applicationName: string },
  ask: (client: pg.Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({
    connectionString: databaseAddress(connectionString),
    application_name: applicationName,
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
  });
  client.on("error", () => {});
  await client.connect();
  try {
    return await ask(client);
  } finally {
    // A server that is silent does not answer a goodbye either.
    const late = setTimeout(() => client.connection.stream.destroy(), END_MS);
    await client.end();
    clearTimeout(late);
  }
}

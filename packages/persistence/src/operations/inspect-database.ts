import type pg from "pg";
import { firstRow } from "../connection/statements.ts";
import { withClient } from "../connection/with-client.ts";
import { findMissingColumns, findMissingRights, type MissingRights } from "../schema/missing-rights.ts";
import { findMigrationList, findPending } from "../schema/schema-files.ts";
import { type DurabilityFacts, readDurability } from "./read-durability.ts";

/** What a database is, as far as this user sees it. */
export type DatabaseFacts = {
  /** As `server_version_num`: 180004. */
  readonly version: number;
  readonly encoding: string;
  readonly isReadOnly: boolean;
  /** Its clock against this machine's, in milliseconds; above 0 if it is ahead. Good to the time of a round trip. */
  readonly clockAheadMs: number;
  /** Files of the schema that are not applied; null if this user may not see which are. */
  readonly pending: readonly string[] | null;
  /** What API and consumer could not do as this user; null if nothing is migrated. */
  readonly rights: MissingRights | null;
  /** Columns that our statements name and that the database lacks, such as "orders.total". */
  readonly missingColumns: readonly string[];
  readonly durability: DurabilityFacts;
};

/**
 * Inspects a database, and changes nothing.
 *
 * @param directory of the numbered files of the schema
 * @throws what pg throws if it is away, silent for 5 s, or refuses this user
 */
export async function inspectDatabase(connectionString: string, directory: string): Promise<DatabaseFacts> {
  return await withClient({ connectionString, applicationName: "pedidos-doctor" }, async (client) => {
    const server = await readServer(client);
    const list = await findMigrationList(client);
    return {
      ...server,
      pending: list.maySee ? await findPending(client, list, directory) : null,
      rights: list.exists ? await findMissingRights(client, directory) : null,
      missingColumns: list.exists ? await findMissingColumns(client) : [],
      durability: await readDurability(client),
    };
  });
}

async function readServer(client: pg.Client) {
  const asked = Date.now();
  const { rows } = await client.query<Pick<DatabaseFacts, "version" | "encoding" | "isReadOnly"> & { now: number }>(`
    select current_setting('server_version_num')::integer as version, current_setting('server_encoding') as encoding,
      pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as "isReadOnly",
      (extract(epoch from clock_timestamp()) * 1000)::double precision as now`);
  const between = (asked + Date.now()) / 2;
  const { now, ...server } = firstRow(rows);
  return { ...server, clockAheadMs: Math.round(now - between) };
}

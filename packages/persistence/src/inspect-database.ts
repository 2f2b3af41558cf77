import pg from "pg";
import { listSchemaFiles } from "./migrate.ts";
import { findMigrationList, type MigrationList, readApplied } from "./migration-list.ts";

/** What a database is, as far as this user sees it. */
export type DatabaseFacts = {
  /** As `server_version_num`: 180004. */
  readonly version: number;
  readonly encoding: string;
  readonly isReadOnly: boolean;
  /** Its clock against this machine's, in milliseconds; above 0 where it is ahead. Good to the time of a round trip. */
  readonly clockAheadMs: number;
  /** Files of the schema that are not applied; null where this user may not see which are. */
  readonly pending: readonly string[] | null;
  /** What neither API nor consumer could do as this user, such as "insert on spool". */
  readonly lacks: readonly string[];
};

/** What either process does; a user of its own needs less, and the schema's grants say what. */
const NEEDED = [
  ["orders", "select"],
  ["customers", "select"],
  ["rejections", "select"],
  ["consuming", "select"],
  ["spool", "insert"],
] as const;

/**
 * Looks at a database, and changes nothing.
 *
 * @param directory of the numbered files of the schema
 * @throws what pg throws where it is away, or refuses this user
 */
export async function inspectDatabase(connectionString: string, directory: string): Promise<DatabaseFacts> {
  const client = new pg.Client({
    connectionString,
    application_name: "pedidos-doctor",
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  client.on("error", () => {});
  await client.connect();
  try {
    const asked = Date.now();
    const { rows } = await client.query<Row>(`
      select current_setting('server_version_num')::integer as version, current_setting('server_encoding') as encoding,
        pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as "isReadOnly",
        (extract(epoch from clock_timestamp()) * 1000)::double precision as now`);
    const between = (asked + Date.now()) / 2;
    const [row] = rows;
    if (row === undefined) throw new Error("the database did not say what it is");
    const { version, encoding, isReadOnly } = row;
    const list = await findMigrationList(client);
    const pending = list.maySee ? await pendingFiles(client, directory, list) : null;
    const lacks = list.exists ? await missingRights(client) : [];
    return { version, encoding, isReadOnly, clockAheadMs: Math.round(row.now - between), pending, lacks };
  } finally {
    await client.end();
  }
}

type Row = Pick<DatabaseFacts, "version" | "encoding" | "isReadOnly"> & {
  now: number;
};

async function pendingFiles(client: pg.Client, directory: string, list: MigrationList): Promise<string[]> {
  const applied = await readApplied(client, list);
  return (await listSchemaFiles(directory)).filter((name) => !applied.has(name));
}

async function missingRights(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ lack: string }>(
    `select right_to || ' on ' || relation as lack from unnest($1::text[], $2::text[]) as t (relation, right_to)
    where to_regclass(relation) is null or not has_any_column_privilege(to_regclass(relation), right_to)`,
    [NEEDED.map(([relation]) => relation), NEEDED.map(([, right]) => right)],
  );
  return rows.map(({ lack }) => lack);
}

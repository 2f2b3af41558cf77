import type { Log } from "@pedidos/process";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Database } from "./database.generated.ts";
import { DatabaseUnavailable, LostConnection } from "./database-errors.ts";

/** A pool of connections, or a transaction on one of them. */
export type Db = Kysely<Database>;

export type DatabaseOptions = {
  readonly connectionString: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly maxConnections?: number;
  /** How long any call may take before it fails and its connection is given up: a frozen server must hang nobody. */
  readonly timeoutMs?: number;
  readonly log?: Pick<Log, "warn">;
};

/**
 * Opens a pool of connections; the first query connects, so that this never fails.
 *
 * Every session bounds its statements, its waits for locks and its idle transactions itself, so that a process frozen
 * in the middle of a transaction does not hold a customer's row for good. Values come back exact: `int8` as a number
 * (every id and count of ours stays below 2^53), `numeric` as text, `timestamptz` as RFC 3339 text in UTC.
 */
export function openDatabase(options: DatabaseOptions): Db {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: options.applicationName,
    max: options.maxConnections ?? 10,
    options: "-c TimeZone=UTC -c DateStyle=ISO",
    connectionTimeoutMillis: Math.min(timeoutMs, 2_000),
    statement_timeout: timeoutMs,
    lock_timeout: Math.min(timeoutMs, 5_000),
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    types: { getTypeParser: (oid, format) => parsers.get(oid) ?? pg.types.getTypeParser(oid, format) },
  });
  // Its message alone: pg hangs the whole client on the error.
  pool.on("error", ({ message }) => options.log?.warn({ reason: message }, "an idle database connection was lost"));
  // A connection lost while in use fails its query, which is where it is dealt with; unheard, it would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  pool.on("connect", (client) => replaceQuery(client, timeoutMs + 500));
  const clients = new Set<pg.PoolClient>();
  pool.on("connect", (client) => clients.add(client));
  pool.on("remove", (client) => clients.delete(client));
  const reachable = {
    options: pool.options,
    connect: () => pool.connect().catch(unreachable),
    end: () => endPool(pool, clients),
  };
  const db: Db = new Kysely({ dialect: new PostgresDialect({ pool: reachable }) });
  pools.set(db, pool);
  return db;
}

/** Refused by the server, such as for its password, it is an answer like any other. */
function unreachable(error: unknown): never {
  if (error instanceof pg.DatabaseError) throw error;
  throw new DatabaseUnavailable("no connection to the database could be had", { cause: error });
}

/** A server that stands still answers no goodbye: its connections are cut. */
async function endPool(pool: pg.Pool, clients: ReadonlySet<pg.PoolClient>): Promise<void> {
  const late = setTimeout(() => {
    for (const client of clients) client.connection.stream.destroy(new Error("the pool is closed"));
  }, END_LIMIT_MS);
  try {
    await pool.end();
  } finally {
    clearTimeout(late);
  }
}

const END_LIMIT_MS = 500;

const pools = new WeakMap<Db, pg.Pool>();

/** → how many connections of a pool are in use, how many are not, and how many calls wait for one. */
export function poolUse(db: Db): { readonly used: number; readonly idle: number; readonly waiting: number } {
  const pool = pools.get(db);
  if (pool === undefined) throw new Error("not a pool of connections that was opened here");
  return { used: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount };
}

const NAMED = "-- prepared: ";

/**
 * Replaces what a connection does with a statement, in the one way that Kysely asks for it: its text and its values.
 *
 * - A text that begins with the comment `-- prepared: name` is prepared, once, under that name. Only for statements whose
 *   plan does not hang on how large the tables are: it is kept as long as the connection.
 * - One without an answer within `limitMs` closes the connection: the pool would hand it out again.
 * - The result is gone once it is used. For its own promises and for `query_timeout` pg assigns a function to a property of
 *   the query; V8 puts such a function among old objects at once, where it keeps query, values and rows until those are
 *   collected.
 */
function replaceQuery(client: pg.PoolClient, limitMs: number): void {
  const { query } = client;
  const value = (text: string, values: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const name = text.startsWith(NAMED) ? text.slice(NAMED.length, text.indexOf("\n")) : undefined;
      const late = setTimeout(
        () => client.connection.stream.destroy(new Error(`the database gave no answer within ${limitMs} ms`)),
        limitMs,
      );
      const answer = (error: Error | null, result: pg.QueryResult) => {
        clearTimeout(late);
        if (error)
          reject(
            error instanceof pg.DatabaseError
              ? error
              : new LostConnection(`the connection was lost: ${error.message}`, { cause: error }),
          );
        else resolve(result);
      };
      Reflect.apply(query, client, [{ name, text, values }, answer]);
    });
  Object.defineProperty(client, "query", { value });
}

const TIMESTAMPTZ = 1184;
const INT8 = 20;
const INT8_ARRAY = 1016;

const parsers = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [INT8_ARRAY, (text) => (text === "{}" ? [] : text.slice(1, -1).split(",").map(Number))],
  // "2026-11-24 12:00:00.25+00"
  [TIMESTAMPTZ, (text) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`],
]);

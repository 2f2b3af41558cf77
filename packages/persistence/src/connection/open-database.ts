import type { Log } from "@pedidos/process";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { DatabaseUnavailable } from "./classify-failure.ts";
import { databaseAddress } from "./database-address.ts";
import { prepareSession } from "./prepare-session.ts";
import { readTimestamp } from "./read-timestamp.ts";
import type { Db } from "./statements.ts";
import { endOrCut } from "./with-client.ts";

export type DatabaseOptions = {
  readonly connectionString: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly maxConnections?: number;
  /** How long any call may take before it fails and its connection is closed: a frozen server must hang nobody. */
  readonly timeoutMs?: number;
  readonly log?: Pick<Log, "warn">;
};

/**
 * Opens a pool of connections; the first query connects, so this fails only for an address that can't be used.
 *
 * The pool hands a connection out once its session has all that our statements depend on ({@link prepareSession}). The
 * session bounds its statements, its waits for locks and its idle transactions, so a process that freezes in the middle of
 * a transaction does not lock a customer's row for good. Values come back exact: `int8` as a number (every id and count of
 * ours stays below 2^53), `numeric` as text, `timestamptz` as RFC 3339 text in UTC.
 */
export function openDatabase(options: DatabaseOptions): Db {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const connectMs = Math.min(timeoutMs, 2_000);
  const limits = {
    statementMs: timeoutMs,
    lockMs: Math.min(timeoutMs, 5_000),
    idleInTransactionMs: 10_000,
    answerMs: timeoutMs + 500,
    prepareMs: connectMs,
  };
  const outdated = new WeakSet<pg.ClientBase>();
  const pool = new pg.Pool({
    connectionString: databaseAddress(options.connectionString),
    application_name: options.applicationName,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: connectMs,
    // The session gets its settings here: a pooler refuses parameters at the start that it does not know.
    onConnect: async (client) => {
      // A connection that is lost while in use fails its query; without a listener it would end the process.
      client.on("error", () => {});
      if (!(client instanceof pg.Client)) throw new Error("pg's pool holds other clients than pg's own");
      await prepareSession(client, { ...limits, onOutdated: () => outdated.add(client) });
    },
    keepAlive: true,
    types: { getTypeParser: (oid, format) => parsers.get(oid) ?? pg.types.getTypeParser(oid, format) },
  });
  // The message alone: pg hangs the whole client on the error.
  pool.on("error", ({ message }) => options.log?.warn({ reason: message }, "an idle database connection was lost"));
  // Once it is ending, the pool hands it out no more.
  pool.on("release", (_error, client) => {
    if (outdated.has(client)) void client.end();
  });
  const clients = new Set<pg.PoolClient>();
  pool.on("connect", (client) => clients.add(client));
  pool.on("remove", (client) => clients.delete(client));
  const reachable = {
    options: pool.options,
    connect: () => pool.connect().catch(throwUnavailable),
    end: () => endOrCut(() => pool.end(), clients, 500),
  };
  const db: Db = new Kysely({ dialect: new PostgresDialect({ pool: reachable }) });
  pools.set(db, pool);
  return db;
}

/** What the server itself refuses, such as a password, is an answer like any other. */
function throwUnavailable(error: unknown): never {
  if (error instanceof pg.DatabaseError) throw error;
  const why = error instanceof Error ? error.message : String(error);
  throw new DatabaseUnavailable(`no connection to the database could be had: ${why}`, { cause: error });
}

const pools = new WeakMap<Db, pg.Pool>();

/** → how many connections of a pool are in use, how many are not, and how many calls wait for one. */
export function poolUse(db: Db): { readonly used: number; readonly idle: number; readonly waiting: number } {
  const pool = pools.get(db);
  if (pool === undefined) throw new Error("not a pool of connections that was opened here");
  return { used: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount };
}

const INT8_ARRAY = 1016;

const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, Number],
  [INT8_ARRAY, (text) => (text === "{}" ? [] : text.slice(1, -1).split(",").map(Number))],
  [pg.types.builtins.TIMESTAMPTZ, readTimestamp],
]);

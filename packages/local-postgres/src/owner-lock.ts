import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Log } from "./local-postgres-error.ts";

/** Of a server: its socket's folder, or a host. */
export type Address = { readonly host: string; readonly port: number };

/**
 * - `acquired`: the lock is ours until this session ends, so nobody else owns the server;
 * - `held`: a living process holds it;
 * - `starting`: the server answers, but takes no sessions yet, or no longer;
 * - `unreachable`: nothing answers.
 */
export type LockAttempt =
  | { readonly kind: "acquired"; readonly session: pg.Client }
  | { readonly kind: "held" | "starting" | "unreachable" };

/** The advisory lock of a server's owner: "pedidos\0" in two numbers. */
const LOCK: readonly [number, number] = [0x70656469, 0x646f7300];
const ANSWER_LIMIT_MS = 5_000;

/** Connects to a server and tries to acquire the owner's lock. */
export async function acquireLock(address: Address): Promise<LockAttempt> {
  const session = new pg.Client({
    ...address,
    user: "postgres",
    database: "postgres",
    ssl: false,
    connectionTimeoutMillis: ANSWER_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
    application_name: "owner of this server",
  });
  session.on("error", () => {}); // "end" follows
  try {
    await session.connect();
    // Over the server's settings, the session may idle for ever (14 and newer know the second setting).
    await session.query(
      "set statement_timeout = 0; select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout'",
    );
    const { rows } = await session.query("select pg_try_advisory_lock($1, $2) as acquired", [...LOCK]);
    if (rows[0]?.acquired === true) return { kind: "acquired", session };
    await session.end();
    return { kind: "held" };
  } catch (error) {
    session.end().catch(() => {});
    return { kind: error instanceof pg.DatabaseError && error.code === "57P03" ? "starting" : "unreachable" };
  }
}

const RETRY_MS = 200;

/** Holds the owner's lock until a stop: whenever its session ends, acquires it again, for as long as it takes. */
export async function holdLock(address: Address, first: pg.Client, log: Log, stopping: AbortSignal): Promise<void> {
  let attempt: LockAttempt = { kind: "acquired", session: first };
  while (!stopping.aborted) {
    if (attempt.kind === "acquired") await endOf(attempt.session);
    else if (attempt.kind === "held") log.warn({}, "another process marks this PostgreSQL server as its own");
    await sleep(RETRY_MS, undefined, { ref: false });
    if (!stopping.aborted) attempt = await acquireLock(address);
  }
}

const endOf = (session: pg.Client) => new Promise<void>((resolve) => session.once("end", resolve));

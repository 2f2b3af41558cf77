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
    // Whatever the server's settings are, the session may idle for ever (14 and newer know the second setting).
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

/**
 * Holds the owner's lock: whenever its session ends, acquires it again, for as long as it takes.
 *
 * @returns a function that stops it; the session itself lasts until the server is gone
 */
export function holdLock(address: Address, first: pg.Client, log: Log): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const retryAfter = (ms: number) => {
    if (!stopped) timer = setTimeout(acquire, ms);
  };
  const acquire = async () => {
    const attempt = await acquireLock(address);
    if (attempt.kind === "acquired") return watch(attempt.session);
    if (attempt.kind === "held" && !stopped) log.warn({}, "another process marks this PostgreSQL server as its own");
    retryAfter(200);
  };
  const watch = (session: pg.Client) => void session.once("end", () => retryAfter(50));
  watch(first);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

import pg from "pg";
import type { Log } from "./log.ts";

/** Where a server is reached: a socket's folder or an address. */
export type Address = { readonly host: string; readonly port: number };

/** A session that holds the owner's lock until it ends. */
export type OwnerSession = { readonly ended: Promise<void>; end(): Promise<void> };

/**
 * - `marked`: the lock is ours; nobody else owns that server;
 * - `owned`: somebody holds it, and so lives;
 * - `starting`: a server answers, but takes no sessions yet, or no longer;
 * - `unreachable`: nothing answers.
 */
export type Knock =
  | { readonly kind: "marked"; readonly session: OwnerSession }
  | { readonly kind: "owned" | "starting" }
  | { readonly kind: "unreachable"; readonly error: unknown };

/** The advisory lock that a living owner holds: "pedidos\0" in two numbers. */
const LOCK: readonly [number, number] = [0x70656469, 0x646f7300];

const ANSWER_LIMIT_MS = 5_000;

/** Connects to a server and tries to take the owner's lock. */
export async function knock(address: Address): Promise<Knock> {
  const client = new pg.Client({
    ...address,
    user: "postgres",
    database: "postgres",
    ssl: false,
    connectionTimeoutMillis: ANSWER_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
    application_name: "owner of this server",
  });
  const ended = new Promise<void>((resolve) => {
    client.once("end", () => resolve());
  });
  client.on("error", () => {}); // "end" follows
  try {
    await client.connect();
    // An idle session must not be ended for being idle, nor its statements, whatever this server is set to (14 and newer
    // know the second setting).
    await client.query(
      "set statement_timeout = 0; select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout'",
    );
    const { rows } = await client.query("select pg_try_advisory_lock($1, $2) as taken", [...LOCK]);
    if (rows[0]?.taken === true) return { kind: "marked", session: { ended, end: () => client.end() } };
    await client.end();
    return { kind: "owned" };
  } catch (error) {
    client.end().catch(() => {});
    const starting = error instanceof pg.DatabaseError && error.code === "57P03";
    return starting ? { kind: "starting" } : { kind: "unreachable", error };
  }
}

/**
 * Keeps the owner's lock: whenever the session that holds it ends, takes it again, for as long as it takes.
 *
 * @returns what ends that. The lock itself is held on to until its server is gone.
 */
export function keepOwnerSession(address: Address, first: OwnerSession, log: Log): () => void {
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const hold = (session: OwnerSession) => {
    session.ended.then(() => {
      if (!ended) timer = setTimeout(retake, 50);
    });
  };
  const retake = async () => {
    const answer = await knock(address);
    if (answer.kind === "marked") return hold(answer.session);
    if (ended) return;
    if (answer.kind === "owned") log.warn({}, "another process marks this PostgreSQL server as its own");
    timer = setTimeout(retake, 200);
  };
  hold(first);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

import { sql } from "kysely";
import { DatabaseError } from "pg";
import type { Db } from "./statements.ts";

/** The numbers of our advisory locks; nobody else in this database uses them. */
const locks = { "dead letters": 7_406_001 } as const;

/** SQLSTATEs of a wait for a lock, or of a statement, that took too long. */
const TOO_LONG = new Set(["55P03", "57014"]);

/**
 * Does work while it holds an advisory lock, so that no other process does work under this name; waits up to 5 s for the
 * lock.
 *
 * @param work takes less than 10 s, after which the server ends the session as idle
 * @returns "busy" if the lock could not be had
 * @throws what pg throws, before the work has begun, and what the work throws
 */
export async function runExclusively<Result>(
  db: Db,
  name: keyof typeof locks,
  work: () => Promise<Result>,
): Promise<Result | "busy"> {
  let done: { readonly result: Result } | undefined;
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${locks[name]})`.execute(tx);
      done = { result: await work() };
      return done.result;
    });
  } catch (error) {
    // The lock was lost during the work; the work is done all the same.
    if (done !== undefined) return done.result;
    if (error instanceof DatabaseError && TOO_LONG.has(error.code ?? "")) return "busy";
    throw error;
  }
}

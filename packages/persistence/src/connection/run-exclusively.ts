import { type Kysely, sql } from "kysely";
import { DatabaseError } from "pg";
import type { Database } from "../schema/database.generated.ts";

/** What processes do one at a time; the numbers are nobody else's in this database. */
const turns = { "dead letters": 7_406_001 } as const;

/** SQLSTATEs of a wait for a lock, or of a statement, that took too long. */
const TOO_LONG = new Set(["55P03", "57014"]);

/**
 * Does work while no other process does work of this kind; waits up to 5 s for its turn.
 *
 * @param work to take less than the 10 s after which the session would be taken for idle
 * @returns "busy" where its turn did not come
 * @throws what pg throws, before the work has begun, and what the work throws
 */
export async function takeTurn<Result>(
  db: Kysely<Database>,
  kind: keyof typeof turns,
  work: () => Promise<Result>,
): Promise<Result | "busy"> {
  let done: { readonly result: Result } | undefined;
  try {
    await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${turns[kind]})`.execute(tx);
      done = { result: await work() };
    });
  } catch (error) {
    // The turn was lost meanwhile; what is done is done.
    if (done !== undefined) return done.result;
    if (error instanceof DatabaseError && TOO_LONG.has(error.code ?? "")) return "busy";
    throw error;
  }
  if (done === undefined) throw new Error("a transaction ended before its work");
  return done.result;
}

import { DatabaseError } from "pg";
import type { Db } from "./statements.ts";

/** SQLSTATEs of a wait for a lock, or of a statement, that took too long. */
const TOO_LONG = new Set(["55P03", "57014"]);

/**
 * Does work while it holds a lock, so that no other process does work under this name; waits up to 5 s for the lock.
 *
 * The lock is that of a row which only the API's role may lock. An advisory lock would do for processes of ours, but
 * anybody who may connect can take any of them, and find its number in `pg_locks`.
 *
 * @param name of a row of the table `exclusive_work`
 * @param work takes less than 10 s, after which the server ends the session as idle
 * @returns "busy" if the lock could not be had
 * @throws what pg throws, before the work has begun, and what the work throws
 */
export async function runExclusively<Result>(
  db: Db,
  name: "dead letters",
  work: () => Promise<Result>,
): Promise<Result | "busy"> {
  let done: { readonly result: Result } | undefined;
  try {
    return await db.transaction().execute(async (tx) => {
      const lock = tx.selectFrom("exclusive_work").select("name").where("name", "=", name).forUpdate();
      if ((await lock.executeTakeFirst()) === undefined)
        throw new Error(
          `the table exclusive_work has no row '${name}'. As the owner: insert into exclusive_work values ('${name}')`,
        );
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

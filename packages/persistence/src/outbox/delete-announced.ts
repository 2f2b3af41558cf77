import { type Kysely, type RawBuilder, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";

/**
 * A statement that deletes outbox rows whose announcement is confirmed. Rows that a sweep is claiming just now are skipped
 * and left to it: recording waits for no sweep.
 */
export function deletionOfAnnounced(outboxIds: readonly number[]): RawBuilder<unknown> {
  return sql`
    delete from outbox where outbox_id = any(array(
      select outbox_id from outbox where outbox_id = any(${bigintArray(outboxIds)})
      for update skip locked
    ))
  `;
}

/** {@link deletionOfAnnounced}, executed. */
export async function deleteAnnounced(db: Kysely<Database>, outboxIds: readonly number[]): Promise<void> {
  await deletionOfAnnounced(outboxIds).execute(db);
}

import { type Kysely, sql } from "kysely";
import { bigintArray } from "./bigint-array.ts";
import type { Database } from "./database.generated.ts";

/**
 * Deletes outbox rows whose announcement is confirmed. Rows that a sweep holds are skipped: to wait for a sweep, which
 * may wait for a blocked broker, would stop recording.
 */
export async function deleteAnnounced(db: Kysely<Database>, outboxIds: readonly number[]): Promise<void> {
  await sql`
    delete from outbox where outbox_id in (
      select outbox_id from outbox where outbox_id = any(${bigintArray(outboxIds)})
      for update skip locked
    )
  `.execute(db);
}

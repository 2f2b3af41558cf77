import type { AnnouncementOutcome } from "@pedidos/broker";
import type { CloudEvent } from "@pedidos/contract";
import type { Db } from "../connection/statements.ts";
import {
  claimOutboxRows,
  deleteAnnounced,
  findEvents,
  keepUnannounced,
  releaseOutboxRows,
  type Sweep,
} from "./outbox-rows.ts";

/** What is committed and to be announced, and the outbox rows that name it. */
export type Announcement = {
  readonly outboxIds: readonly number[];
  readonly events: readonly CloudEvent[];
};

/** What became of a row. "unreadable": all of it that can be announced is; the row stays and names the others. */
export type SweptRow = {
  readonly outboxId: number;
  readonly outcome: AnnouncementOutcome | "unreadable";
};

/**
 * Announces rows of the outbox that have stayed for any reason, and deletes those that are announced. Each attempt is
 * counted before it is made. So no transaction is open while it waits for the broker, only one of several processes
 * attempts a row, and a row that can't be announced backs off while others go on.
 *
 * @returns the outcome of each claimed row, the oldest first; as many as `sweep` allows if more may be pending
 */
export async function sweepOutbox(
  db: Db,
  sweep: Sweep,
  announce: (announcement: Announcement) => Promise<AnnouncementOutcome>,
): Promise<SweptRow[]> {
  const claimed = await claimOutboxRows(db, sweep);
  const ids = claimed.map(({ outboxId }) => outboxId);
  if (ids.length === 0) return [];
  const rows = await readNamed(db, claimed).catch(async (error: unknown) => {
    await releaseOutboxRows(db, ids);
    throw error;
  });
  const swept: SweptRow[] = [];
  for (const { outboxId, events, isUnreadable } of rows) {
    const isEmpty = events.length === 0;
    const outcome = isEmpty ? "announced" : await announce({ outboxIds: [outboxId], events });
    if (outcome === "unavailable") break;
    const staysUnreadable = isUnreadable && outcome === "announced";
    if (staysUnreadable && !isEmpty) await keepUnannounced(db, outboxId, events);
    swept.push({ outboxId, outcome: staysUnreadable ? "unreadable" : outcome });
  }
  const announced = swept.filter(({ outcome }) => outcome === "announced").map(({ outboxId }) => outboxId);
  if (announced.length > 0) await deleteAnnounced(db, announced);
  const unattempted = ids.slice(swept.length);
  if (unattempted.length > 0) await releaseOutboxRows(db, unattempted);
  return [...swept, ...unattempted.map((outboxId) => ({ outboxId, outcome: "unavailable" as const }))];
}

/**
 * Reads what rows name. A row may have been edited by hand: it is unreadable if one of its ids names
 * nothing that can be announced (a null, a row that is gone, a total that is no number).
 */
async function readNamed(db: Db, claimed: Awaited<ReturnType<typeof claimOutboxRows>>) {
  const ids = claimed.map(({ outboxId }) => outboxId);
  const found = await findEvents(db, ids);
  return claimed.map(({ outboxId, named }) => {
    const events = found.get(outboxId) ?? [];
    return { outboxId, events, isUnreadable: named > events.length };
  });
}

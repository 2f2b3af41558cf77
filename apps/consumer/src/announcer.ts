import { eventMessages, type Publisher } from "@pedidos/messaging";
import type { Announcement } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { RecorderStore } from "./recorder-store.ts";
import { repeat } from "./repeat.ts";
import type { BatchTrace } from "./trace-batch.ts";

export type AnnouncerOptions = {
  readonly store: Pick<RecorderStore, "deleteAnnounced" | "sweep">;
  /** Undefined without a broker: then announcing is a line of the log. */
  readonly publisher: Pick<Publisher, "publish" | "status"> | undefined;
  readonly log: Log;
};

export type Announcer = {
  /** Announces what a commit has recorded, holding up nobody; what the broker does not confirm is left to the sweep. */
  readonly announce: (announcement: Announcement, trace?: Pick<BatchTrace, "announce">) => void;
  /** → outbox rows that are announced; the next recording transaction deletes them. Given back when it fails. */
  readonly takeAnnounced: () => number[];
  readonly giveBack: (outboxIds: readonly number[]) => void;
  /** Ends the sweep, waits for what is being announced, and deletes what is. */
  readonly stop: () => Promise<void>;
};

/** A row older than this was left by a crash or a broker that took no publishes. */
const SWEEP_OLDER_THAN_MS = 5_000;
const SWEEP_EVERY_MS = 1_000;

export function createAnnouncer({ store, publisher, log }: AnnouncerOptions): Announcer {
  let announced: number[] = [];
  const pending = new Set<Promise<void>>();

  /** → whether the broker has it. An event that no queue is bound for has reached everybody there is. */
  async function send({ recorded, rejected }: Announcement, traceparent?: string): Promise<boolean> {
    if (publisher === undefined) {
      log.debug({ recorded: recorded.length, rejected: rejected.length }, "announced");
      return true;
    }
    const results = await Promise.all(
      eventMessages(recorded, rejected, traceparent).map((message) => publisher.publish(message)),
    );
    return results.every((result) => result !== "unavailable");
  }

  async function sweep(): Promise<void> {
    await deleteNow();
    while (publisher?.status() !== "down") if (!(await store.sweep(SWEEP_OLDER_THAN_MS, (row) => send(row)))) return;
  }

  /** By itself when idle; under load the next batch's transaction takes the rows along. */
  async function deleteNow(): Promise<void> {
    const ids = announced;
    if (ids.length === 0) return;
    announced = [];
    try {
      await store.deleteAnnounced(ids);
    } catch (error) {
      announced.push(...ids);
      throw error;
    }
  }

  const sweeping = repeat(SWEEP_EVERY_MS, sweep, (error) => log.debug({ err: error }, "the outbox could not be swept"));
  return {
    announce(announcement, trace) {
      if (announcement.outboxIds.length === 0) return;
      const announcing = trace?.announce();
      const sending = send(announcement, announcing?.traceparent)
        .then((done) => {
          if (done) announced.push(...announcement.outboxIds);
          announcing?.end(done ? {} : { error: "the broker did not confirm it; the sweep will announce it" });
        })
        .catch((error: unknown) => {
          announcing?.end({ error });
          log.warn({ err: error }, "announcing failed; the sweep will try again");
        })
        .finally(() => pending.delete(sending));
      pending.add(sending);
    },
    takeAnnounced() {
      const ids = announced;
      announced = [];
      return ids;
    },
    giveBack(outboxIds) {
      announced.push(...outboxIds);
    },
    async stop() {
      await Promise.all([...pending, sweeping.stop()]);
      await deleteNow().catch(() => {});
    },
  };
}

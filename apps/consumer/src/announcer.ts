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
  /**
   * Announces what a commit has recorded, holding up nobody. What the broker does not confirm is tried again each second
   * for as long as no sweep would take it, and then left to the sweep: a consumer may record before its publisher is up.
   */
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
const TRY_AGAIN_FOR_MS = SWEEP_OLDER_THAN_MS - SWEEP_EVERY_MS;
/** Of 500 events each; more is left to the sweep. */
const MOST_UNSENT = 100;

type Unsent = { readonly announcement: Announcement; readonly since: number };

export function createAnnouncer({ store, publisher, log }: AnnouncerOptions): Announcer {
  let announced: number[] = [];
  let unsent: Unsent[] = [];
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
    sendAgain();
    await deleteNow();
    while (publisher?.status() !== "down") if (!(await store.sweep(SWEEP_OLDER_THAN_MS, (row) => send(row)))) return;
  }

  function sendAgain(): void {
    if (publisher?.status() !== "up") return;
    const again = unsent;
    unsent = [];
    const now = performance.now();
    for (const { announcement, since } of again)
      if (now - since < TRY_AGAIN_FOR_MS) announce(announcement, undefined, since);
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

  function announce(
    announcement: Announcement,
    trace?: Pick<BatchTrace, "announce">,
    since: number = performance.now(),
  ): void {
    if (announcement.outboxIds.length === 0) return;
    const announcing = trace?.announce();
    const sending = send(announcement, announcing?.traceparent)
      .then((done) => {
        if (done) announced.push(...announcement.outboxIds);
        else if (unsent.length < MOST_UNSENT) unsent.push({ announcement, since });
        announcing?.end(done ? {} : { error: "the broker did not confirm it; it will be announced again" });
      })
      .catch((error: unknown) => {
        announcing?.end({ error });
        log.warn({ err: error }, "announcing failed; the sweep will try again");
      })
      .finally(() => pending.delete(sending));
    pending.add(sending);
  }

  const sweeping = repeat(SWEEP_EVERY_MS, sweep, (error) => log.debug({ err: error }, "the outbox could not be swept"));
  return {
    announce,
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

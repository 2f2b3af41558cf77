import type { AnnouncementOutcome, RecordingBroker } from "@pedidos/broker";
import type { Announcement, RecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { BatchTrace } from "../batches/trace-batch.ts";
import { repeat } from "../repeat.ts";
import { openOutboxSweep } from "./outbox-sweep.ts";

export type AnnouncerOptions = {
  readonly store: Pick<RecorderStore, "deleteAnnounced" | "postponeRefused" | "sweep">;
  /** Undefined without a broker: then announcing is a line of the log. */
  readonly broker: Pick<RecordingBroker, "announce" | "status"> | undefined;
  /** Whether the database takes writes, as far as is known: what waits by itself is not tried in an outage. */
  readonly mayWrite: () => boolean;
  readonly log: Log;
};

export type Announcer = {
  /**
   * Announces what a commit has recorded, holding up nobody. What the broker does not confirm is tried again each second
   * for as long as no sweep would take it, and then left to the sweep: a consumer may record before its publisher is up.
   * What a subscriber's queue refuses is left to the sweep at once, as all other queues have it.
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

const ENDS: Readonly<Record<AnnouncementOutcome, { readonly error?: string }>> = {
  announced: {},
  refused: { error: "a subscriber's queue refused it; it will be announced again" },
  unavailable: { error: "the broker did not confirm it; it will be announced again" },
};

type Unsent = { readonly announcement: Announcement; readonly since: number };

export function openAnnouncer({ store, broker, mayWrite, log }: AnnouncerOptions): Announcer {
  let announced: number[] = [];
  let refused: number[] = [];
  let unsent: Unsent[] = [];
  let isFailing = false;
  const pending = new Set<Promise<void>>();

  async function send({ events }: Announcement, traceparent?: string): Promise<AnnouncementOutcome> {
    if (broker === undefined) {
      log.debug({ events: events.length }, "announced");
      return "announced";
    }
    const outcome = await broker.announce(events, traceparent);
    if (outcome === "refused") outbox.noteRefusal();
    return outcome;
  }

  const outbox = openOutboxSweep({
    sweep: store.sweep,
    olderThanMs: SWEEP_OLDER_THAN_MS,
    announce: (row) => send(row),
    log,
  });

  async function sweep(): Promise<void> {
    sendAgain();
    if (!mayWrite()) return;
    await deleteNow();
    await postponeNow();
    if (broker?.status() !== "down") await outbox.run();
    isFailing = false;
  }

  function sendAgain(): void {
    if (broker?.status() !== "up") return;
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

  /** Before a sweep would take them for rows that nobody has attempted yet. */
  async function postponeNow(): Promise<void> {
    const ids = refused;
    if (ids.length === 0) return;
    refused = [];
    try {
      await store.postponeRefused(ids);
    } catch (error) {
      refused.push(...ids);
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
      .then((outcome) => {
        if (outcome === "announced") announced.push(...announcement.outboxIds);
        else if (outcome === "refused") refused.push(...announcement.outboxIds);
        else if (unsent.length < MOST_UNSENT) unsent.push({ announcement, since });
        announcing?.end(ENDS[outcome]);
      })
      .catch((error: unknown) => {
        announcing?.end({ error });
        log.warn({ err: error }, "announcing failed; the sweep will try again");
      })
      .finally(() => pending.delete(sending));
    pending.add(sending);
  }

  const sweeping = repeat(SWEEP_EVERY_MS, sweep, (error) => {
    // One line an outage, not one an attempt.
    if (!isFailing) log.warn({ err: error }, "the outbox could not be swept; trying again");
    isFailing = true;
  });
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
      outbox.stop();
      await Promise.all([...pending, sweeping.stop()]);
      if (mayWrite()) await Promise.allSettled([deleteNow(), postponeNow()]);
    },
  };
}

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
  /** Whether the database takes writes, as far as is known: in an outage no write is tried that can wait. */
  readonly mayWrite: () => boolean;
  readonly log: Log;
};

/** A row older than this was left by a crash or a broker that took no publishes. */
const SWEEP_OLDER_THAN_MS = 5_000;
const SWEEP_EVERY_MS = 1_000;
const RETRY_FOR_MS = SWEEP_OLDER_THAN_MS - SWEEP_EVERY_MS;
/** Of 500 events each; more is left to the sweep. */
const MOST_UNSENT = 100;

const ENDS: Readonly<Record<AnnouncementOutcome, { readonly error?: string }>> = {
  announced: {},
  refused: { error: "a subscriber's queue refused it; it will be announced again" },
  unavailable: { error: "the broker did not confirm it; it will be announced again" },
};

type Unsent = { readonly announcement: Announcement; readonly since: number };

export function openAnnouncer({ store, broker, mayWrite, log }: AnnouncerOptions) {
  const announced: number[] = [];
  const refused: number[] = [];
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
    resend();
    if (!mayWrite()) return;
    await deleteNow();
    await postponeNow();
    if (broker?.status() !== "down") await outbox.run();
    isFailing = false;
  }

  function resend(): void {
    if (broker?.status() !== "up") return;
    const again = unsent;
    unsent = [];
    const now = performance.now();
    for (const { announcement, since } of again)
      if (now - since < RETRY_FOR_MS) announce(announcement, undefined, since);
  }

  /** By itself when idle; under load the next batch's transaction takes the rows along. */
  async function deleteNow(): Promise<void> {
    if (announced.length > 0) await takeAll(announced, store.deleteAnnounced);
  }

  /** Before a sweep would take them for rows that nobody has attempted yet. */
  async function postponeNow(): Promise<void> {
    if (refused.length > 0) await takeAll(refused, store.postponeRefused);
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
    /**
     * Announces what a commit has recorded, and keeps nobody waiting. What the broker does not confirm is tried again each
     * second for as long as no sweep would take it, and then left to the sweep: a consumer may record before its publisher
     * is up. What a subscriber's queue refuses is left to the sweep at once, as all other queues have it.
     */
    announce,
    /** Hands a transaction the outbox rows that are announced: it deletes them. */
    deleteWith: <Result>(transaction: (outboxIds: readonly number[]) => Promise<Result>) =>
      takeAll(announced, transaction),
    /** Ends the sweep, waits for announcements in flight, and deletes what is announced. */
    async stop(): Promise<void> {
      outbox.stop();
      await Promise.all([...pending, sweeping.stop()]);
      if (mayWrite()) await Promise.allSettled([deleteNow(), postponeNow()]);
    },
  };
}

/** Does something with all ids of a list, which are in it no longer; if that fails they are in it again. */
async function takeAll<Result>(ids: number[], act: (taken: readonly number[]) => Promise<Result>): Promise<Result> {
  const taken = ids.splice(0);
  try {
    return await act(taken);
  } catch (error) {
    ids.push(...taken);
    throw error;
  }
}

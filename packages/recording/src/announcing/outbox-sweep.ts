import type { AnnouncementOutcome } from "@pedidos/broker";
import type { Announcement, RecorderStore, Sweep, SweptRow } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";

export type OutboxSweepOptions = {
  readonly sweep: RecorderStore["sweep"];
  /** How long a row waits for its first attempt by a sweep. */
  readonly olderThanMs: number;
  readonly announce: (announcement: Announcement) => Promise<AnnouncementOutcome>;
  readonly log: Pick<Log, "info" | "warn">;
};

const MOST_UNTRIED = 10;
/** How long after a refusal the next row is attempted again: doubled by each. */
const FIRST_PAUSE_MS = 2_000;
const LAST_PAUSE_MS = 60_000;

/**
 * The broker says that a queue has refused an event, not which: so an attempt repeats the event to every other queue. Each
 * row therefore has a back-off of its own, and while a queue refuses, one of all rows is attempted in a while. When that one
 * is taken, the others follow at once.
 */
export function openOutboxSweep({ sweep, olderThanMs, announce, log }: OutboxSweepOptions) {
  let [isRefused, isStopped] = [false, false];
  let [pauseMs, retryAt] = [FIRST_PAUSE_MS, 0];

  async function attempt(rows: Sweep): Promise<SweptRow[]> {
    const swept = await sweep(rows, announce);
    for (const { outboxId, outcome } of swept)
      if (outcome === "unreadable")
        log.warn({ outboxId }, "a row of the outbox names what can't be announced; it stays, and is read again later");
    return swept;
  }

  async function announceUntried(): Promise<void> {
    while (!isStopped) {
      const rows = await attempt({ of: { olderThanMs }, most: MOST_UNTRIED });
      if (rows.length < MOST_UNTRIED || rows.some(({ outcome }) => outcome === "unavailable")) return;
    }
  }

  async function attemptAgain(): Promise<void> {
    let isTaken = false;
    while (!isStopped && performance.now() >= retryAt) {
      const outcome = (await attempt({ of: "due", most: 1 }))[0]?.outcome;
      if (outcome === "announced") isTaken = true;
      if (outcome === "refused") {
        retryAt = performance.now() + pauseMs;
        pauseMs = isTaken ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LAST_PAUSE_MS);
        return;
      }
      if (outcome === undefined || outcome === "unavailable") break;
    }
    if (!isTaken) return;
    pauseMs = FIRST_PAUSE_MS;
    if (isRefused) log.info("every queue that is bound to orders.events takes events again");
    isRefused = false;
  }

  return {
    /** Announces what stayed in the outbox: rows that nobody has attempted, then those whose next attempt is due. */
    async run(): Promise<void> {
      await announceUntried();
      await attemptAgain();
    },
    /** A subscriber's queue has refused an event; logged once, until all queues take events again. */
    noteRefusal(): void {
      if (!isRefused)
        log.warn(
          "a queue that is bound to orders.events refuses events, as it is full; all other queues have them, and what it refused is attempted again after growing pauses",
        );
      isRefused = true;
    },
    /** The run in flight ends with the rows that it has claimed. */
    stop(): void {
      isStopped = true;
    },
  };
}

import { Gauge, type Registry } from "prom-client";
import { shareReading } from "./share-reading.ts";

/** What waits in the database, and for how long the oldest of it has waited; 0 where nothing waits. */
export type Backlog = {
  readonly spoolRows: number;
  readonly spoolSeconds: number;
  readonly deferredRows: number;
  readonly outboxRows: number;
  readonly outboxSeconds: number;
  readonly outboxRetries: number;
};

export type BacklogSource = {
  readonly backlog: () => Promise<Backlog>;
  /** Messages by queue, null for a queue that is not there; undefined while the broker does not say. */
  readonly queueDepths: () => Promise<Readonly<Record<string, number | null>> | undefined>;
  /**
   * For who takes from a queue: when the newest that is done with was put there, in milliseconds since 1970. What still
   * waits was put there later.
   */
  readonly doneUpTo?: (queue: string) => number | undefined;
};

/** A scrape waits no longer for the database or the broker, and asks them no oftener. */
const READING = { maxAgeMs: 5_000, timeoutMs: 1_000 };

/** Tells what waits when the metrics are read. What is not known is not a number, or left out. */
export function collectBacklog(registry: Registry, { backlog, queueDepths, doneUpTo }: BacklogSource): void {
  const registers = [registry];
  const read = shareReading(backlog, READING);
  const depths = shareReading(queueDepths, READING);
  const of = (name: string, help: string, pick: (value: Backlog) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const value = await read();
        this.set(value === undefined ? Number.NaN : pick(value));
      },
    });
  of("pedidos_spool_rows", "Orders that wait in the spool, counted up to 100000.", (value) => value.spoolRows);
  of(
    "pedidos_spool_deferred_rows",
    "Of them, those that the database refuses while it records others; they are tried again with back-off.",
    (value) => value.deferredRows,
  );
  of("pedidos_spool_age_seconds", "How long the oldest of them has waited.", (value) => value.spoolSeconds);
  of("pedidos_outbox_rows", "Commits that are not announced yet, counted up to 100000.", (value) => value.outboxRows);
  of("pedidos_outbox_age_seconds", "How long the oldest of them has waited.", (value) => value.outboxSeconds);
  of(
    "pedidos_outbox_retry_rows",
    "Of them those that a subscriber's queue has refused, or that can't be read.",
    (value) => value.outboxRetries,
  );
  new Gauge({
    name: "pedidos_queue_messages",
    help: "Messages in the broker's queues that nobody has taken; those of orders.dead-letter need a look.",
    labelNames: ["queue"],
    registers,
    async collect() {
      this.reset();
      for (const [queue, messages] of Object.entries((await depths()) ?? {}))
        if (messages !== null) this.set({ queue }, messages);
    },
  });
  const ageOf = openAges(doneUpTo);
  new Gauge({
    name: "pedidos_queue_age_seconds",
    help: "At most how long the oldest of them has waited, as far as this process has seen.",
    labelNames: ["queue"],
    registers,
    async collect() {
      this.reset();
      for (const [queue, messages] of Object.entries((await depths()) ?? {}))
        if (messages !== null) this.set({ queue }, ageOf(queue, messages, Date.now()));
    },
  });
}

/**
 * A broker doesn't tell how old its messages are. But none is older than the last moment at which its queue was seen
 * empty; nor, as they keep their order, than what has been taken from it last.
 */
function openAges(doneUpTo: BacklogSource["doneUpTo"] = () => undefined) {
  const emptyAt = new Map<string, number>();
  return (queue: string, messages: number, now: number): number => {
    if (messages === 0 || !emptyAt.has(queue)) emptyAt.set(queue, now);
    if (messages === 0) return 0;
    const since = Math.max(emptyAt.get(queue) ?? now, doneUpTo(queue) ?? 0);
    return Math.max(0, now - since) / 1_000;
  };
}

import { Gauge, type Registry } from "prom-client";
import { shareReading } from "./share-reading.ts";

/** The pending rows in the database, and the age of the oldest; 0 where none is pending. */
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
  /** Messages by queue, null for an absent queue; undefined while the broker is down. */
  readonly queueDepths: () => Promise<Readonly<Record<string, number | null>> | undefined>;
  /**
   * Of a process that consumes: when the newest message that it has settled was queued, in ms since 1970. Messages still
   * queued are newer.
   */
  readonly doneUpTo?: (queue: string) => number | undefined;
};

/** A scrape waits no longer for the database or the broker, and reads them no more often. */
const READING = { maxAgeMs: 5_000, timeoutMs: 1_000 };

const BACKLOG_GAUGES: Readonly<Record<string, readonly [help: string, of: keyof Backlog]>> = {
  pedidos_spool_rows: ["Orders that wait in the spool, counted up to 100000.", "spoolRows"],
  pedidos_spool_deferred_rows: [
    "Of them, those that the database refuses while it records others; they are tried again with back-off.",
    "deferredRows",
  ],
  pedidos_spool_age_seconds: ["How long the oldest of them has waited.", "spoolSeconds"],
  pedidos_outbox_rows: ["Commits that are not announced yet, counted up to 100000.", "outboxRows"],
  pedidos_outbox_age_seconds: ["How long the oldest of them has waited.", "outboxSeconds"],
  pedidos_outbox_retry_rows: [
    "Of them those that a subscriber's queue has refused, or that can't be read.",
    "outboxRetries",
  ],
};

/** Measures the backlog when metrics are read. What is unknown is not a number, or left out. */
export function collectBacklog(registry: Registry, { backlog, queueDepths, doneUpTo }: BacklogSource): void {
  const registers = [registry];
  const read = shareReading(backlog, READING);
  for (const [name, [help, of]] of Object.entries(BACKLOG_GAUGES))
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set((await read())?.[of] ?? Number.NaN);
      },
    });
  const depths = shareReading(queueDepths, READING);
  const queueGauge = (name: string, help: string, measure: (queue: string, messages: number) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["queue"],
      registers,
      async collect() {
        this.reset();
        for (const [queue, messages] of Object.entries((await depths()) ?? {}))
          if (messages !== null) this.set({ queue }, measure(queue, messages));
      },
    });
  queueGauge(
    "pedidos_queue_messages",
    "Messages in the broker's queues that nobody has taken; those of orders.dead-letter need a look.",
    (_queue, messages) => messages,
  );
  queueGauge(
    "pedidos_queue_age_seconds",
    "At most how long the oldest of them has waited, as far as this process has seen.",
    trackAges(doneUpTo),
  );
}

/**
 * A broker doesn't tell the age of its messages. But none is older than the last moment when its queue was seen empty; and
 * because a queue keeps its order, none is older than the message that was taken from it last.
 */
function trackAges(doneUpTo: BacklogSource["doneUpTo"] = () => undefined) {
  const emptyAt = new Map<string, number>();
  return (queue: string, messages: number): number => {
    const now = Date.now();
    if (messages === 0 || !emptyAt.has(queue)) emptyAt.set(queue, now);
    const since = Math.max(emptyAt.get(queue) ?? now, doneUpTo(queue) ?? 0);
    return messages === 0 ? 0 : Math.max(0, now - since) / 1_000;
  };
}

type States = Readonly<Record<string, "up" | "down">>;

/** Measures which of the servers that this process depends on it can use, as its readiness does. */
export function collectDependencies(registry: Registry, read: () => States | Promise<States>): void {
  const states = shareReading(async () => read(), { maxAgeMs: 1_000, timeoutMs: 3_000 });
  new Gauge({
    name: "pedidos_dependency_up",
    help: "Whether this process can use it: 1 or 0.",
    labelNames: ["dependency"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const [dependency, state] of Object.entries((await states()) ?? {}))
        this.set({ dependency }, state === "up" ? 1 : 0);
    },
  });
}

export type PoolUse = { readonly used: number; readonly idle: number; readonly waiting: number };

/** Measures the connections of each pool, under OpenTelemetry's names. */
export function collectPools(registry: Registry, pools: Readonly<Record<string, () => PoolUse>>): void {
  const registers = [registry];
  const [POOL, STATE] = ["db_client_connection_pool_name", "db_client_connection_state"] as const;
  new Gauge({
    name: "db_client_connection_count",
    help: "Connections to the database, by pool and state.",
    labelNames: [POOL, STATE],
    registers,
    collect() {
      for (const [name, use] of Object.entries(pools))
        for (const state of ["used", "idle"] as const) this.set({ [POOL]: name, [STATE]: state }, use()[state]);
    },
  });
  new Gauge({
    name: "db_client_connection_pending_requests",
    help: "Calls that wait for a connection, by pool.",
    labelNames: [POOL],
    registers,
    collect() {
      for (const [name, use] of Object.entries(pools)) this.set({ [POOL]: name }, use().waiting);
    },
  });
}

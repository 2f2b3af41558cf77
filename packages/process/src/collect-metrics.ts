import { Gauge, type Registry } from "prom-client";
import { shareReading } from "./share-reading.ts";

const BACKLOG_GAUGES = [
  ["pedidos_spool_rows", "spoolRows", "Orders that wait in the spool, counted up to 100000."],
  [
    "pedidos_spool_deferred_rows",
    "deferredRows",
    "Of them, those that the database refuses while it records others; they are tried again with back-off.",
  ],
  ["pedidos_spool_age_seconds", "spoolSeconds", "How long the oldest of them has waited."],
  ["pedidos_outbox_rows", "outboxRows", "Commits that are not announced yet, counted up to 100000."],
  ["pedidos_outbox_age_seconds", "outboxSeconds", "How long the oldest of them has waited."],
  [
    "pedidos_outbox_retry_rows",
    "outboxRetries",
    "Of them those that a subscriber's queue has refused, or that can't be read.",
  ],
] as const;

export type BacklogSource = {
  /** The pending rows in the database, and the age of the oldest; 0 if none is pending. */
  readonly backlog: () => Promise<Readonly<Record<(typeof BACKLOG_GAUGES)[number][1], number>>>;
  /** By queue, null for an absent one; undefined while the broker is down. */
  readonly queueDepths: () => Promise<Readonly<Record<string, { readonly messages: number } | null>> | undefined>;
  /**
   * Of a process that consumes: when the newest message that it has settled was queued, in ms since 1970. Messages still
   * queued are newer.
   */
  readonly doneUpTo?: (queue: string) => number | undefined;
};

/** A scrape waits no longer for the database or the broker, and reads them no more often. */
const READING = { maxAgeMs: 5_000, timeoutMs: 1_000 };

/** Measures the backlog when metrics are read. An unknown value is NaN, or left out. */
export function collectBacklog(registry: Registry, { backlog, queueDepths, doneUpTo }: BacklogSource): void {
  const read = shareReading(backlog, READING);
  for (const [name, of, help] of BACKLOG_GAUGES)
    collect(registry, name, help, [], async () => [[(await read())?.[of] ?? Number.NaN]]);
  const depths = shareReading(queueDepths, READING);
  const collectQueues = (name: string, help: string, measure: (queue: string, messages: number) => number) =>
    collect(registry, name, help, ["queue"], async () =>
      Object.entries((await depths()) ?? {}).flatMap(([queue, depth]) =>
        depth === null ? [] : [[measure(queue, depth.messages), { queue }]],
      ),
    );
  collectQueues(
    "pedidos_queue_messages",
    "Messages in the broker's queues that nobody has taken; inspect those of orders.dead-letter.",
    (_queue, messages) => messages,
  );
  collectQueues(
    "pedidos_queue_age_seconds",
    "At most how long the oldest of them has waited, as far as this process has seen.",
    trackAges(doneUpTo),
  );
}

/**
 * A broker doesn't report the age of its messages. But none is older than the last time its queue was seen empty; and
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
  collect(registry, "pedidos_dependency_up", "Whether this process can use it: 1 or 0.", ["dependency"], async () =>
    Object.entries((await states()) ?? {}).map(([dependency, state]) => [state === "up" ? 1 : 0, { dependency }]),
  );
}

export type PoolUse = { readonly used: number; readonly idle: number; readonly waiting: number };

/** Measures the connections of each pool, under OpenTelemetry's names. */
export function collectPools(registry: Registry, pools: Readonly<Record<string, () => PoolUse>>): void {
  const [POOL, STATE] = ["db_client_connection_pool_name", "db_client_connection_state"] as const;
  collect(
    registry,
    "db_client_connection_count",
    "Connections to the database, by pool and state.",
    [POOL, STATE],
    () =>
      Object.entries(pools).flatMap(([name, use]): Sample[] => {
        const { used, idle } = use();
        return [
          [used, { [POOL]: name, [STATE]: "used" }],
          [idle, { [POOL]: name, [STATE]: "idle" }],
        ];
      }),
  );
  collect(registry, "db_client_connection_pending_requests", "Calls that wait for a connection, by pool.", [POOL], () =>
    Object.entries(pools).map(([name, use]) => [use().waiting, { [POOL]: name }]),
  );
}

type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** Adds a gauge that is measured when metrics are read. */
function collect(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  measure: () => readonly Sample[] | Promise<readonly Sample[]>,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const samples = await measure();
      this.reset();
      for (const [value, labels = {}] of samples) this.set(labels, value);
    },
  });
}

import type { Readiness } from "@pedidos/contract";
import {
  collectWindow,
  countAccepted,
  guardSpool,
  type IntakeRoads,
  measureRoads,
  openIntake,
  openOutcomes,
} from "@pedidos/intake";
import type { DeadLetters, OrdersMessageOptions, Publisher } from "@pedidos/messaging";
import {
  findOutcomes,
  type Identity,
  isConsumingPaused,
  LostConnection,
  measureBacklog,
  openDatabase,
  poolUse,
  probeSpool,
  spoolOrders,
  takeTurn,
  writeAudit,
} from "@pedidos/persistence";
import { collectBacklog, collectDependencies, collectPools, type Log, shareReading } from "@pedidos/process";
import type { Tracing } from "@pedidos/tracing";
import { Registry } from "prom-client";
import type { ApiDependencies } from "./build-api.ts";
import { openDesk } from "./dead-letters/open-desk.ts";
import { openStore, tellOutage } from "./open-store.ts";
import { readinessOf } from "./operations/health.ts";
import { type TracedRoad, traceRequests } from "./server/trace-requests.ts";

type Publish = NonNullable<IntakeRoads["publish"]>;

/** The broker as this API sees it. */
export type Broker = {
  readonly publish: (bodies: readonly Uint8Array[], options: OrdersMessageOptions) => ReturnType<Publish>;
  /** "down" whenever it takes no publishes. */
  readonly status: () => "up" | "down";
  /** How much waits in its queues; undefined while it is down. */
  readonly depths: Publisher["depths"];
  readonly unconfirmed: Publisher["unconfirmed"];
  readonly deadLetters: DeadLetters;
  /** Publishes a dead letter to where it came from. */
  readonly requeue: Publisher["publish"];
};

export type PartsOptions = {
  readonly connectionString: string;
  /** Left out in the standalone, which has none. */
  readonly broker?: Broker;
  /** Another way into the spool, for a process that also records. */
  readonly spool?: TracedRoad<void>;
  /** When such a process has room for more of a batch. */
  readonly room?: () => Promise<void>;
  /** For a process that measures more than this. */
  readonly metrics?: Registry;
  /** Undefined where traces are off. */
  readonly tracing?: Tracing | undefined;
  readonly log: Log;
};

/** Everything of the API that stands on the database and the broker. Waits for neither. */
export function openParts({ connectionString, broker, log, ...options }: PartsOptions): Omit<
  ApiDependencies,
  "access"
> & {
  readonly close: () => Promise<void>;
} {
  const connection = { connectionString, applicationName: "pedidos-api", log };
  // Intake has connections of its own, so that no number of reads can hold it up.
  const reads = openDatabase({ ...connection, maxConnections: 8, timeoutMs: 5_000 });
  const writes = openDatabase({ ...connection, maxConnections: 4, timeoutMs: 2_000 });
  const askSpool = shareReading(() => probeSpool(writes).then(() => true), { maxAgeMs: 0, timeoutMs: 3_000 });
  const isSpoolReady = async () => (await askSpool()) === true;
  const spool = guardSpool<Parameters<TracedRoad<void>>>({
    spool:
      options.spool ??
      ((bodies, traceparents) =>
        spoolOrders(
          writes,
          bodies.map((body, index) => ({ body, source: "http", traceparent: traceparents?.[index] })),
        )),
    isLost: (error) => error instanceof LostConnection,
    isReady: isSpoolReady,
  });
  const traces = options.tracing && traceRequests(options.tracing);
  const traced = <Outcome>(name: string, road: TracedRoad<Outcome>) =>
    traces === undefined ? (bodies: readonly Uint8Array[]) => road(bodies) : traces.traceRoad(name, road);
  /** By the body itself, which nobody copies between its request and the message that takes it. */
  const awaited = new WeakSet<Uint8Array>();
  const publish: TracedRoad<Awaited<ReturnType<Publish>>> | undefined =
    broker &&
    ((bodies, traceparents) =>
      broker.publish(bodies, { traceparents, awaited: bodies.some((body) => awaited.has(body)) }));
  const metrics = options.metrics ?? new Registry();
  const accepted = countAccepted();
  const roads = measureRoads(
    metrics,
    {
      ...(publish && { publish: traced("publish orders.intake", publish) }),
      spool: traced("spool", spool),
    },
    accepted,
  );
  if (broker) collectWindow(metrics, broker.unconfirmed);
  collectPools(metrics, { reads: () => poolUse(reads), writes: () => poolUse(writes) });
  collectBacklog(metrics, {
    backlog: () => measureBacklog(reads),
    queueDepths: async () => broker?.depths(),
  });
  const askPaused = shareReading(() => isConsumingPaused(writes), { maxAgeMs: 1_000, timeoutMs: 1_000 });
  let isPaused = false;
  async function readiness(): Promise<Readiness> {
    const isUp = await isSpoolReady();
    // While the database does not say, what it has said last holds, as it does for the consumers.
    if (isUp) isPaused = (await askPaused()) ?? isPaused;
    const database = isUp ? "up" : "down";
    return readinessOf(broker === undefined ? { database } : { broker: broker.status(), database }, isPaused);
  }
  collectDependencies(metrics, async () => (await readiness()).dependencies);
  return {
    submitting: {
      intake: openIntake({ ...roads, log }),
      outcomes: openOutcomes<Identity>({ find: (asked) => findOutcomes(writes, asked), log }),
      room: options.room,
      hurry: broker && ((body) => awaited.add(body)),
      carry: traces?.carry,
    },
    traces,
    store: openStore(reads),
    system: {
      metrics,
      accepted,
      readiness,
      deadLetters:
        broker &&
        openDesk({
          deadLetters: broker.deadLetters,
          publish: broker.requeue,
          takeTurn: (work) => takeTurn(reads, "dead letters", work).catch(tellOutage),
          writeAudit: (entry) => writeAudit(reads, entry),
        }),
      queueDepths: shareReading(async () => broker?.depths(), { maxAgeMs: 1_000, timeoutMs: 1_000 }),
    },
    async close() {
      await Promise.all([reads.destroy(), writes.destroy()]);
    },
  };
}

import type { IntakeBroker } from "@pedidos/broker";
import {
  countAccepted,
  guardSpool,
  type IntakeRoads,
  observeRoads,
  openIntake,
  openOutcomes,
  type Submitting,
} from "@pedidos/intake";
import {
  findOutcomes,
  type Identity,
  LostConnection,
  measureBacklog,
  openDatabase,
  poolUse,
  runExclusively,
  spoolOrders,
  writeAudit,
} from "@pedidos/persistence";
import { collectBacklog, collectDependencies, collectPools, type Log, shareReading } from "@pedidos/process";
import type { Tracing } from "@pedidos/tracing";
import { Registry } from "prom-client";
import { type AccessSettings, openAccess } from "./access/open-access.ts";
import { buildApi } from "./build-api.ts";
import { operateDeadLetters } from "./dead-letters/operate-dead-letters.ts";
import { EXPORT_CONNECTIONS, openStoreWithExports, throwUnavailable } from "./open-store.ts";
import { openReadiness } from "./operations/health.ts";

export type ApiOptions = {
  readonly connectionString: string;
  /** Undefined in the standalone, which has none. */
  readonly broker: IntakeBroker | undefined;
  readonly access: AccessSettings;
  /** For a process that also records: its way into the spool, when more of a batch may follow, and whether it records. */
  readonly recorder?: {
    readonly spool: IntakeRoads["spool"];
    readonly awaitCapacity: Submitting["awaitCapacity"];
    readonly status: () => { readonly database: "up" | "down" };
  };
  /** For a process that measures more than this. */
  readonly metrics?: Registry;
  /** Undefined if traces are off. */
  readonly tracing?: Tracing | undefined;
  /** What a broken variant changes. */
  readonly changeRoads?: (roads: IntakeRoads) => IntakeRoads;
  readonly log: Log;
};

/**
 * The API on its database and its broker, waiting for neither, bound to nothing yet. Every process that serves it is
 * composed here: the API's own, the function, the standalone, and the broken variants of the fault runs.
 */
export function openApi({ connectionString, broker, recorder, tracing, log, ...options }: ApiOptions) {
  const { metrics = new Registry(), changeRoads = (roads) => roads } = options;
  const connection = { connectionString, applicationName: "pedidos-api", log };
  // Intake has connections of its own, so that no number of reads can hold it up.
  const reads = openDatabase({ ...connection, maxConnections: 8, timeoutMs: 5_000 });
  const exports = openDatabase({ ...connection, maxConnections: EXPORT_CONNECTIONS, timeoutMs: 5_000 });
  const writes = openDatabase({ ...connection, maxConnections: 4, timeoutMs: 2_000 });
  const readiness = openReadiness(writes, { broker, recorder });
  const accepted = countAccepted();
  const spool = guardSpool(recorder?.spool ?? ((orders) => spoolOrders(writes, orders)), {
    isLost: (error) => error instanceof LostConnection,
    isReady: readiness.isSpoolReady,
  });
  const roads = observeRoads(
    { spool, ...(broker && { publish: broker.publish }) },
    { metrics, tracing, accepted, ...(broker && { unconfirmed: broker.unconfirmed }) },
  );
  collectPools(metrics, {
    reads: () => poolUse(reads),
    exports: () => poolUse(exports),
    writes: () => poolUse(writes),
  });
  const depths = async () => broker?.depths();
  collectBacklog(metrics, { backlog: () => measureBacklog(reads), queueDepths: depths });
  collectDependencies(metrics, async () => (await readiness.read()).dependencies);
  const access = openAccess(options.access, { log, metrics });
  const app = buildApi(
    {
      submitting: {
        intake: openIntake(changeRoads(roads), log),
        outcomes: openOutcomes<Identity>({ find: (asked) => findOutcomes(writes, asked), log }),
        awaitCapacity: recorder?.awaitCapacity,
      },
      store: openStoreWithExports(reads, exports),
      access,
      system: {
        metrics,
        accepted,
        readiness: readiness.read,
        isRecorder: recorder !== undefined,
        deadLetters:
          broker &&
          operateDeadLetters({
            broker,
            runExclusively: (work) => runExclusively(reads, "dead letters", work).catch(throwUnavailable),
            writeAudit: (entry) => writeAudit(reads, entry),
          }),
        queueDepths: shareReading(depths, { maxAgeMs: 1_000, timeoutMs: 1_000 }),
      },
      tracing,
    },
    log,
  );
  return {
    app,
    reloadKeys: access.reload,
    /** Shuts the server down gracefully, then lets its connections go. */
    async close(): Promise<void> {
      await app.close();
      await Promise.all([broker?.close(), reads.destroy(), exports.destroy(), writes.destroy()]);
    },
  };
}

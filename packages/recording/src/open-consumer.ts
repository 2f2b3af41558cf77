import type { RecordingBroker } from "@pedidos/broker";
import { INTAKE_QUEUE } from "@pedidos/domain";
import {
  type Db,
  measureBacklog,
  openDatabase,
  openRecorderStore,
  poolUse,
  type RecorderStore,
} from "@pedidos/persistence";
import { collectBacklog, collectDependencies, collectPools, type Log } from "@pedidos/process";
import type { Tracing } from "@pedidos/tracing";
import { collectDefaultMetrics, Registry } from "prom-client";
import { openRecorderMetrics } from "./batches/recorder-metrics.ts";
import { openRecorder } from "./open-recorder.ts";
import { serveHealth } from "./serve-health.ts";

export type ConsumerOptions = {
  readonly connectionString: string;
  readonly broker: RecordingBroker;
  /** Whether a request for its metrics may name this host. */
  readonly allowsHost?: (host: string) => boolean;
  /** Undefined if traces are off. */
  readonly tracing?: Tracing | undefined;
  readonly log: Log;
  /** What a broken variant changes. */
  readonly changeStore?: (store: RecorderStore, db: Db) => RecorderStore;
};

/**
 * The consumer on its database and its broker, waiting for neither, with the server of its health, which does not listen
 * yet. The consumer's process and the broken variants of the fault runs are composed here.
 */
export function openConsumer({ connectionString, broker, tracing, log, ...options }: ConsumerOptions) {
  const { changeStore = (store) => store, allowsHost = () => true } = options;
  const db = openDatabase({ connectionString, applicationName: "pedidos-consumer", maxConnections: 8, log });
  const registry = new Registry();
  const metrics = openRecorderMetrics(registry);
  const store = changeStore(openRecorderStore(db), db);
  const recorder = openRecorder({ store, broker, metrics, tracing, log });
  collectDefaultMetrics({ register: registry });
  collectPools(registry, { records: () => poolUse(db) });
  collectDependencies(registry, recorder.status);
  collectBacklog(registry, {
    backlog: () => measureBacklog(db),
    queueDepths: broker.depths,
    doneUpTo: (queue) => (queue === INTAKE_QUEUE ? metrics.settledUpTo() : undefined),
  });
  const health = serveHealth({ ...recorder, metrics: registry, allowsHost });
  return {
    health,
    /** Takes no more, finishes what is in flight, and closes its connections. */
    async close(): Promise<void> {
      await recorder.stop();
      health.close();
      await db.destroy();
    },
  };
}

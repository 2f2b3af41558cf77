import { openPublisher } from "@pedidos/messaging";
import { measureBacklog, openDatabase, poolUse } from "@pedidos/persistence";
import { collectBacklog, collectPools, type Log, type Settings } from "@pedidos/process";
import { Registry } from "prom-client";
import { openRecorderMetrics } from "./recorder-metrics.ts";
import { openRecorderStore } from "./recorder-store.ts";
import type { consumerSettings } from "./settings.ts";

/** What the consumer stands on, whatever brings it messages: `main.ts` the broker, `lambda.ts` events. */
export function openParts(settings: Settings<typeof consumerSettings>, log: Log) {
  const name = "pedidos-consumer";
  const db = openDatabase({ connectionString: settings.DATABASE_URL, applicationName: name, maxConnections: 8, log });
  const connection = { url: settings.AMQP_URL, name, log };
  const publisher = openPublisher(connection);
  const metrics = new Registry();
  collectPools(metrics, { records: () => poolUse(db) });
  const recorderMetrics = openRecorderMetrics(metrics);
  collectBacklog(metrics, {
    backlog: () => measureBacklog(db),
    queueDepths: publisher.depths,
    doneUpTo: (queue) => (queue === "orders.intake" ? recorderMetrics.settledUpTo() : undefined),
  });
  return {
    connection,
    store: openRecorderStore(db),
    publisher,
    metrics,
    recorderMetrics,
    close: () => db.destroy(),
  };
}

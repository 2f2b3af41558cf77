import { openPublisher } from "@pedidos/messaging";
import { openDatabase } from "@pedidos/persistence";
import type { Log, Settings } from "@pedidos/process";
import { openRecorderStore } from "./recorder-store.ts";
import type { consumerSettings } from "./settings.ts";

/** What the consumer stands on, whatever brings it messages: `main.ts` the broker, `lambda.ts` events. */
export function openParts(settings: Settings<typeof consumerSettings>, log: Log) {
  const name = "pedidos-consumer";
  const db = openDatabase({ connectionString: settings.DATABASE_URL, applicationName: name, maxConnections: 8, log });
  const connection = { url: settings.AMQP_URL, name, log };
  return {
    connection,
    store: openRecorderStore(db),
    publisher: openPublisher(connection),
    close: () => db.destroy(),
  };
}

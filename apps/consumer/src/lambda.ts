import { openRecordingBroker } from "@pedidos/messaging";
import { openDatabase, openRecorderStore } from "@pedidos/persistence";
import { openLog, readSettingsOrExit } from "@pedidos/process";
import { type Invocation, recordEvent } from "./record-event.ts";
import { consumerSettings } from "./settings.ts";

const name = "pedidos-consumer";
const settings = readSettingsOrExit(consumerSettings);
const { DATABASE_URL, AMQP_URL, PEDIDOS_QUEUE: pedidosQueue } = settings;
const log = openLog(name, settings.LOG_LEVEL);
const db = openDatabase({ connectionString: DATABASE_URL, applicationName: name, maxConnections: 8, log });
const broker = openRecordingBroker({ url: AMQP_URL, name, pedidosQueue, log });

/** Records the messages of an Amazon MQ event; an event without any, such as a schedule's, records what is pending. */
export const handler: (event: unknown, invocation: Invocation) => Promise<void> = recordEvent({
  store: openRecorderStore(db),
  broker,
  log,
});

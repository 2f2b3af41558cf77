import { openConsumer, openPublisher } from "@pedidos/messaging";
import { openDatabase } from "@pedidos/persistence";
import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";
import { collectDefaultMetrics, register } from "prom-client";
import { openRecorder } from "./open-recorder.ts";
import { openRecorderStore } from "./recorder-store.ts";
import { serveHealth } from "./serve-health.ts";
import { consumerSettings } from "./settings.ts";

const settings = readSettingsOrExit(consumerSettings);
const name = "pedidos-consumer";
const log = openLog(name, settings.LOG_LEVEL);
const db = openDatabase({ connectionString: settings.DATABASE_URL, applicationName: name, maxConnections: 8, log });
const connection = { url: settings.AMQP_URL, name, log };
const recorder = openRecorder({
  store: openRecorderStore(db),
  broker: {
    publisher: openPublisher(connection),
    consume: (onDelivery) =>
      openConsumer({ ...connection, prefetch: 200, pedidosQueue: settings.PEDIDOS_QUEUE, onDelivery }),
  },
  log,
});
collectDefaultMetrics({ prefix: "pedidos_consumer_" });
const health = serveHealth({ status: recorder.status, metrics: register });
health.listen(settings.HEALTH_PORT, settings.HOST, () => log.info({ port: settings.HEALTH_PORT }, "serving health"));

runUntilSignal(log, async () => {
  await recorder.stop();
  health.close();
  await db.destroy();
});

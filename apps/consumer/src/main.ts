import { openConsumer } from "@pedidos/messaging";
import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";
import { collectDefaultMetrics, register } from "prom-client";
import { openParts } from "./open-parts.ts";
import { openRecorder } from "./open-recorder.ts";
import { serveHealth } from "./serve-health.ts";
import { consumerSettings } from "./settings.ts";

const settings = readSettingsOrExit(consumerSettings);
const log = openLog("pedidos-consumer", settings.LOG_LEVEL);
const { store, publisher, connection, close } = openParts(settings, log);
const recorder = openRecorder({
  store,
  broker: {
    publisher,
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
  await close();
});

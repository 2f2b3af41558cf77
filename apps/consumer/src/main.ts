import { findBrokerConcerns, openConsumer } from "@pedidos/messaging";
import { findDatabaseConcerns } from "@pedidos/persistence";
import { collectDependencies, openLog, readSettingsOrExit, reportConcerns, runUntilSignal } from "@pedidos/process";
import { consumerSettings, openParts, openRecorder, serveHealth } from "@pedidos/recording";
import { openTracing } from "@pedidos/tracing";
import { collectDefaultMetrics } from "prom-client";

/** Messages of one order each are slow to come where fewer are on their way; more would be too many bytes of long ones. */
const PREFETCH = 400;

const settings = readSettingsOrExit(consumerSettings);
const log = openLog("pedidos-consumer", settings.LOG_LEVEL);
const { store, publisher, connection, metrics, recorderMetrics, close } = openParts(settings, log);
const tracing = await openTracing(settings, "pedidos-consumer", log);
collectDefaultMetrics({ register: metrics });
const recorder = openRecorder({
  store,
  broker: {
    publisher,
    consume: (onDelivery) =>
      openConsumer({ ...connection, prefetch: PREFETCH, pedidosQueue: settings.PEDIDOS_QUEUE, onDelivery }),
  },
  metrics: recorderMetrics,
  tracing,
  log,
});
collectDependencies(metrics, recorder.status);
const health = serveHealth({ ...recorder, metrics });
health.listen(settings.HEALTH_PORT, settings.HOST, () => log.info({ port: settings.HEALTH_PORT }, "serving health"));
reportConcerns({ about: "database", find: () => findDatabaseConcerns(settings.DATABASE_URL), log });
reportConcerns({ about: "broker", find: () => findBrokerConcerns(settings.AMQP_URL), log });

runUntilSignal(log, async () => {
  await recorder.stop();
  health.close();
  await Promise.all([close(), tracing?.close()]);
});

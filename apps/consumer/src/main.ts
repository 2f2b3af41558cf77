import { findBrokerConcerns, openRecordingBroker } from "@pedidos/messaging";
import { findDatabaseConcerns } from "@pedidos/persistence";
import { allowHosts, openLog, readSettingsOrExit, reportConcerns, runUntilSignal } from "@pedidos/process";
import { openConsumer } from "@pedidos/recording";
import { openTracing } from "@pedidos/tracing";
import { consumerSettings } from "./settings.ts";

const name = "pedidos-consumer";
const settings = readSettingsOrExit(consumerSettings);
const { DATABASE_URL, AMQP_URL, HEALTH_PORT: port, PEDIDOS_QUEUE: pedidosQueue } = settings;
const log = openLog(name, settings.LOG_LEVEL);
const tracing = await openTracing(settings, name, log);
const broker = openRecordingBroker({ url: AMQP_URL, name, pedidosQueue, log });
const allowsHost = allowHosts(settings.HOST, settings.ALLOWED_HOSTS);
const { health, close } = openConsumer({ connectionString: DATABASE_URL, broker, allowsHost, tracing, log });
health.listen(port, settings.HOST, () => log.info({ port }, "serving health"));
reportConcerns({ about: "database", find: () => findDatabaseConcerns(DATABASE_URL), log });
reportConcerns({ about: "broker", find: () => findBrokerConcerns(AMQP_URL), log });
runUntilSignal(log, async () => {
  await close();
  await tracing?.close();
});

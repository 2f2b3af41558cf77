import { accessFrom, apiSettings, openApi } from "@pedidos/http";
import { findBrokerConcerns, openIntakeBroker } from "@pedidos/messaging";
import { findDatabaseConcerns } from "@pedidos/persistence";
import { openLog, readSettingsOrExit, reportConcerns, runUntilSignal } from "@pedidos/process";
import { openTracing } from "@pedidos/tracing";

const name = "pedidos-api";
const settings = readSettingsOrExit(apiSettings(process.env));
const { DATABASE_URL, AMQP_URL, DEAD_LETTERS_AMQP_URL: deadLettersUrl } = settings;
const log = openLog(name, settings.LOG_LEVEL);
const tracing = await openTracing(settings, name, log);
const broker = openIntakeBroker({ url: AMQP_URL, deadLettersUrl, name, log });
const access = accessFrom(settings);
const { app, reloadKeys, close } = openApi({ connectionString: DATABASE_URL, broker, access, tracing, log });

runUntilSignal(log, async () => {
  await close();
  await tracing?.close();
});
if (settings.API_KEYS_FILE !== undefined) process.on("SIGHUP", reloadKeys);

await app.listen({ host: settings.HOST, port: settings.PORT });
log.info({ url: app.listeningOrigin }, "listening");
reportConcerns({ about: "database", find: () => findDatabaseConcerns(DATABASE_URL), log });
reportConcerns({ about: "broker", find: () => findBrokerConcerns(AMQP_URL), log });

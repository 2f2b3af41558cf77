import { apiSettings, openApi } from "@pedidos/http";
import { findBrokerConcerns } from "@pedidos/messaging";
import { findDatabaseConcerns } from "@pedidos/persistence";
import { openLog, readSettingsOrExit, reportConcerns, runUntilSignal } from "@pedidos/process";
import { openTracing } from "@pedidos/tracing";

const settings = readSettingsOrExit(apiSettings(process.env));
const log = openLog("pedidos-api", settings.LOG_LEVEL);
const { app, reloadKeys, close } = openApi(settings, log, await openTracing(settings, "pedidos-api", log));

runUntilSignal(log, close);
if (settings.API_KEYS_FILE !== undefined) process.on("SIGHUP", reloadKeys);

await app.listen({ host: settings.HOST, port: settings.PORT });
log.info({ url: app.listeningOrigin }, "listening");
reportConcerns({ about: "database", find: () => findDatabaseConcerns(settings.DATABASE_URL), log });
reportConcerns({ about: "broker", find: () => findBrokerConcerns(settings.AMQP_URL), log });

import { openPublisher, ordersMessage } from "@pedidos/messaging";
import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";
import { openAccess } from "./access/open-access.ts";
import { buildApi } from "./build-api.ts";
import { openParts } from "./open-parts.ts";
import { accessFrom, apiSettings } from "./settings.ts";

const settings = readSettingsOrExit(apiSettings(process.env));
const name = "pedidos-api";
const log = openLog(name, settings.LOG_LEVEL);
const publisher = openPublisher({ url: settings.AMQP_URL, name, log });
const { close, ...parts } = openParts({
  connectionString: settings.DATABASE_URL,
  broker: {
    publish: (bodies) => publisher.publish(ordersMessage(bodies, "http")),
    status: () => (publisher.status() === "up" ? "up" : "down"),
    depths: publisher.depths,
  },
  log,
});
const access = openAccess(accessFrom(settings), log);
const api = buildApi({ ...parts, access }, log);

runUntilSignal(log, async () => {
  await api.close();
  await Promise.all([publisher.close(), close()]);
});
if (settings.API_KEYS_FILE !== undefined) process.on("SIGHUP", access.reload);

await api.listen({ host: settings.HOST, port: settings.PORT });
log.info({ url: api.listeningOrigin }, "listening");

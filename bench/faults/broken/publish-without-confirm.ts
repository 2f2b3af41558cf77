import { accessFrom, apiSettings, buildApi, openAccess, openParts } from "@pedidos/api";
import { openPublisher, ordersMessage } from "@pedidos/messaging";
import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";

// The API from its own parts; but what was written to the broker's socket passes for kept.
const settings = readSettingsOrExit(apiSettings(process.env));
const log = openLog("broken-api", "warn");
const publisher = openPublisher({ url: settings.AMQP_URL, name: "broken", log });
const { close, ...parts } = openParts({
  connectionString: settings.DATABASE_URL,
  broker: {
    publish(bodies) {
      void publisher.publish(ordersMessage(bodies, "http"));
      return Promise.resolve("confirmed");
    },
    status: () => (publisher.status() === "up" ? "up" : "down"),
  },
  log,
});
const api = buildApi({ ...parts, access: openAccess(accessFrom(settings), log) }, log);
runUntilSignal(log, async () => {
  await api.close();
  await Promise.all([publisher.close(), close()]);
});
await api.listen({ host: settings.HOST, port: settings.PORT });

import { openDeadLetters, openPublisher, ordersMessage } from "@pedidos/messaging";
import type { Log, Settings } from "@pedidos/process";
import type { Tracing } from "@pedidos/tracing";
import { openAccess } from "./access/open-access.ts";
import { buildApi } from "./build-api.ts";
import { openParts } from "./open-parts.ts";
import { accessFrom, type apiSettings } from "./settings.ts";

/** The API on its database and its broker, bound to nothing yet: `main.ts` has it listen, `lambda.ts` hands it events. */
export function openApi(settings: Settings<ReturnType<typeof apiSettings>>, log: Log, tracing?: Tracing) {
  const connection = { url: settings.AMQP_URL, name: "pedidos-api", log };
  const publisher = openPublisher(connection);
  const { close, ...parts } = openParts({
    connectionString: settings.DATABASE_URL,
    broker: {
      publish: (bodies, options) => publisher.publish(ordersMessage(bodies, "http", options)),
      status: () => (publisher.status() === "up" ? "up" : "down"),
      depths: publisher.depths,
      unconfirmed: publisher.unconfirmed,
      deadLetters: openDeadLetters(connection),
      requeue: publisher.publish,
    },
    tracing,
    log,
  });
  const access = openAccess(accessFrom(settings), log);
  const app = buildApi({ ...parts, access }, log);
  return {
    app,
    reloadKeys: access.reload,
    async close() {
      await app.close();
      await Promise.all([publisher.close(), close(), tracing?.close()]);
    },
  };
}

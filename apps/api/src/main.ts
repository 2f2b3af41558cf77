import { openPublisher, ordersMessage } from "@pedidos/messaging";
import { findOutcomes, type Identity, openDatabase, pingDatabase, spoolOrders } from "@pedidos/persistence";
import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";
import { openAccess } from "./access/open-access.ts";
import { buildApi } from "./build-api.ts";
import { openOutcomes } from "./intake/await-outcomes.ts";
import { openIntake } from "./intake/open-intake.ts";
import { openStore } from "./open-store.ts";
import { readinessOf } from "./routes/health.ts";
import { accessFrom, apiSettings } from "./settings.ts";

const settings = readSettingsOrExit(apiSettings(process.env));
const log = openLog("api", settings.LOG_LEVEL);
const database = { connectionString: settings.DATABASE_URL, applicationName: "pedidos-api", log };
// Intake has connections of its own, so that no number of reads can hold it up.
const reads = openDatabase({ ...database, maxConnections: 8, timeoutMs: 5_000 });
const writes = openDatabase({ ...database, maxConnections: 4, timeoutMs: 2_000 });
const publisher = openPublisher({ url: settings.AMQP_URL, name: "pedidos-api", log });
const intake = openIntake({
  publish: (bodies) => publisher.publish(ordersMessage(bodies, "http")),
  spool: (bodies) =>
    spoolOrders(
      writes,
      bodies.map((body) => ({ body, source: "http" })),
    ),
  log,
});
const outcomes = openOutcomes<Identity>({ find: (asked) => findOutcomes(writes, asked), log });
const access = openAccess(accessFrom(settings), log);
const readiness = async () => {
  const database = await pingDatabase(writes).then(
    () => "up" as const,
    () => "down" as const,
  );
  return readinessOf({ broker: publisher.status() === "up" ? "up" : "down", database });
};
const app = buildApi({ submitting: { intake, outcomes }, store: openStore(reads), access, readiness }, log);
const stop = () =>
  app
    .close()
    .then(() => Promise.all([publisher.close(), reads.destroy(), writes.destroy()]))
    .then(() => {});
runUntilSignal(log, stop);
if (settings.API_KEYS_FILE !== undefined) process.on("SIGHUP", access.reload);
await app.listen({ host: settings.HOST, port: settings.PORT });
log.info({ url: app.listeningOrigin }, "listening");

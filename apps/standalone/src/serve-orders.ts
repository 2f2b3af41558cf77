import type { IncomingOrder } from "@pedidos/domain";
import { accessFrom, openApi } from "@pedidos/http";
import {
  findDatabaseConcerns,
  freeSpool,
  openDatabase,
  openRecorderStore,
  spoolClaimed,
  spoolOrders,
} from "@pedidos/persistence";
import { type Log, reportConcerns } from "@pedidos/process";
import { openRecorder, openRecorderMetrics } from "@pedidos/recording";
import { openTracing } from "@pedidos/tracing";
import { Registry } from "prom-client";
import type { ProvidedDatabase } from "./provide-database.ts";
import type { StandaloneSettings } from "./settings.ts";

/** API and consumer in one process, with the spool table between them in place of the broker. */
export async function serveOrders(
  { connectionString, isOwn }: ProvidedDatabase,
  settings: StandaloneSettings,
  log: Log,
  openStore = openRecorderStore,
) {
  const connection = { connectionString, applicationName: "pedidos-consumer", log };
  const records = openDatabase({ ...connection, maxConnections: 6 });
  // What an earlier process had claimed when it was killed would otherwise wait for its lease to run out.
  if (isOwn) await freeSpool(records);
  // As long as the API waits for the spool, no longer: a database that hangs must not keep its connections for ten seconds.
  const spooling = openDatabase({ ...connection, maxConnections: 3, timeoutMs: 2_000 });
  const store = {
    ...openStore(records),
    spool: (orders: readonly IncomingOrder[]) => spoolOrders(spooling, orders),
    spoolClaimed: (orders: readonly IncomingOrder[]) => spoolClaimed(spooling, orders),
  };
  const metrics = new Registry();
  const tracing = await openTracing(settings, "pedidos", log);
  const recorder = openRecorder({ store, broker: undefined, metrics: openRecorderMetrics(metrics), tracing, log });
  const access = accessFrom(settings);
  const api = { connectionString, broker: undefined, recorder, access, metrics, tracing, log };
  const { app, reloadKeys, close } = openApi(api);
  /** Answers the requests in flight, records what is pending, and lets the database go. */
  const stop = async () => {
    await close();
    await recorder.stop();
    await Promise.all([records.destroy(), spooling.destroy(), tracing?.close()]);
  };
  try {
    await app.listen({ host: settings.HOST, port: settings.PORT });
    await recorder.begun;
  } catch (error) {
    await stop();
    throw error;
  }
  if (!isOwn) reportConcerns({ about: "database", find: () => findDatabaseConcerns(connectionString), log });
  return { origin: app.listeningOrigin, reloadKeys, stop };
}

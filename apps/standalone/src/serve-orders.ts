import { accessFrom, buildApi, type Intake, openAccess, openParts } from "@pedidos/api";
import { openRecorder, openRecorderStore } from "@pedidos/consumer";
import { freeSpool, openDatabase } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { ProvidedDatabase } from "./provide-database.ts";
import type { StandaloneSettings } from "./settings.ts";

export type Service = {
  readonly origin: string;
  reloadKeys(): void;
  /** Answers what was asked, records what is in hand, and lets the database go. */
  stop(): Promise<void>;
};

/** API and consumer in one process, with the spool table between them in place of the broker. */
export async function serveOrders(
  { connectionString, isOwn }: ProvidedDatabase,
  settings: StandaloneSettings,
  log: Log,
): Promise<Service> {
  const records = openDatabase({ connectionString, applicationName: "pedidos-consumer", maxConnections: 6, log });
  // What an earlier process had claimed when it was killed would otherwise wait for its lease to run out.
  if (isOwn) await freeSpool(records);
  const recorder = openRecorder({ store: openRecorderStore(records), broker: undefined, log });

  const { submitting, close, ...parts } = openParts({ connectionString, log });
  const intake: Intake = {
    async accept(bodies) {
      const acceptance = await submitting.intake.accept(bodies);
      recorder.wake();
      return acceptance;
    },
  };
  const access = openAccess(accessFrom(settings), log);
  const api = buildApi({ ...parts, submitting: { ...submitting, intake }, access }, log);
  const stop = async () => {
    await api.close();
    await recorder.stop();
    await Promise.all([close(), records.destroy()]);
  };
  try {
    await api.listen({ host: settings.HOST, port: settings.PORT });
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin: api.listeningOrigin, reloadKeys: access.reload, stop };
}

import {
  accessFrom,
  buildApi,
  openAccess,
  openIntake,
  openOutcomes,
  openStore,
  type Readiness,
  readinessOf,
} from "@pedidos/api";
import { openRecorder, openRecorderStore } from "@pedidos/consumer";
import {
  type Db,
  findOutcomes,
  freeSpool,
  type Identity,
  openDatabase,
  pingDatabase,
  spoolOrders,
} from "@pedidos/persistence";
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
  const connection = { connectionString, applicationName: "pedidos-standalone", log };
  // Reads, intake and recording have connections of their own, so that none can hold up another.
  const reads = openDatabase({ ...connection, maxConnections: 8, timeoutMs: 5_000 });
  const writes = openDatabase({ ...connection, maxConnections: 4, timeoutMs: 2_000 });
  const records = openDatabase({ ...connection, maxConnections: 6 });
  // What an earlier process had claimed when it was killed would otherwise wait for its lease to run out.
  if (isOwn) await freeSpool(records);

  const recorder = openRecorder({ store: openRecorderStore(records), broker: undefined, log });
  const intake = openIntake({
    async spool(bodies) {
      await spoolOrders(
        writes,
        bodies.map((body) => ({ body, source: "http" })),
      );
      recorder.wake();
    },
    log,
  });
  const outcomes = openOutcomes<Identity>({ find: (asked) => findOutcomes(writes, asked), log });
  const access = openAccess(accessFrom(settings), log);
  const app = buildApi(
    { submitting: { intake, outcomes }, store: openStore(reads), access, readiness: () => readinessOfDatabase(writes) },
    log,
  );
  const stop = async () => {
    await app.close();
    await recorder.stop();
    await Promise.all([reads.destroy(), writes.destroy(), records.destroy()]);
  };
  try {
    await app.listen({ host: settings.HOST, port: settings.PORT });
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin: app.listeningOrigin, reloadKeys: access.reload, stop };
}

async function readinessOfDatabase(db: Db): Promise<Readiness> {
  return readinessOf({
    database: await pingDatabase(db).then(
      () => "up" as const,
      () => "down" as const,
    ),
  });
}

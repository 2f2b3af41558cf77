import type { openRecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { provideDatabase } from "./provide-database.ts";
import { serveOrders } from "./serve-orders.ts";
import type { StandaloneSettings } from "./settings.ts";

export type Standalone = {
  /** The address to open in a browser on this machine. */
  readonly url: string;
  reloadKeys(): void;
  /** Ends everything in order, the database last. */
  stop(): Promise<void>;
};

/**
 * Starts the whole system in this process.
 *
 * @param openStore another way to the tables, for tests
 * @throws what `explainFailure` puts into words, with nothing left running
 */
export async function startStandalone(
  settings: StandaloneSettings,
  log: Log,
  openStore?: typeof openRecorderStore,
): Promise<Standalone> {
  const database = await provideDatabase(settings, log);
  try {
    const service = await serveOrders(database, settings, log, openStore);
    return {
      url: service.origin.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:"),
      reloadKeys: service.reloadKeys,
      stop: () => service.stop().finally(database.stop),
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

import type { openRecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { provideDatabase } from "./provide-database.ts";
import { serveOrders } from "./serve-orders.ts";
import type { StandaloneSettings } from "./settings.ts";

/**
 * Starts the whole system in this process.
 *
 * @param openStore another way to the tables, for tests
 * @throws what `explainFailure` puts into words, with nothing left running
 */
export async function startStandalone(settings: StandaloneSettings, log: Log, openStore?: typeof openRecorderStore) {
  const database = await provideDatabase(settings, log);
  try {
    const { origin, reloadKeys, stop } = await serveOrders(database, settings, log, openStore);
    return {
      /** The address to open in a browser on this machine. */
      url: origin.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:"),
      reloadKeys,
      /** Shuts everything down gracefully, the database last. */
      stop: () => stop().finally(database.stop),
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

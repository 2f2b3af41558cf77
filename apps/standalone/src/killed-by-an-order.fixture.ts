import { openRecorderStore } from "@pedidos/persistence";
import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";
import { standaloneSettings } from "./settings.ts";
import { startStandalone } from "./start-standalone.ts";

/** For tests: the standalone, whose process ends whenever it comes to record an order of the product "killer". */
const settings = readSettingsOrExit(standaloneSettings(process.env));
const log = openLog("killed-by-an-order", settings.LOG_LEVEL);
const { stop } = await startStandalone(settings, log, (db) => {
  const store = openRecorderStore(db);
  return {
    ...store,
    async record(submissions, announced) {
      for (const submission of submissions)
        if (submission.kind === "order" && submission.order.items.some(({ product }) => product === "killer"))
          process.kill(process.pid, "SIGKILL");
      return await store.record(submissions, announced);
    },
  };
});
runUntilSignal(log, stop);

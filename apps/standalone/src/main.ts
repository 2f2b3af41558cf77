import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";
import { standaloneSettings } from "./settings.ts";
import { explainFailure } from "./start-refused.ts";
import { startStandalone } from "./start-standalone.ts";

const settings = readSettingsOrExit(standaloneSettings(process.env));
const log = openLog("pedidos", settings.LOG_LEVEL);
const starting = startStandalone(settings, log);
// A signal that comes while it starts is handled once it has started. SIGHUP has another meaning with keys.
const reloads = settings.API_KEYS_FILE !== undefined;
runUntilSignal(log, async () => (await starting).stop(), [
  "SIGTERM",
  "SIGINT",
  ...(reloads ? [] : ["SIGHUP" as const]),
]);
try {
  const { url, reloadKeys } = await starting;
  if (reloads) process.on("SIGHUP", reloadKeys);
  process.stdout.write(`\n  Open ${url} (the API's documentation: ${url}/docs). Ctrl-C stops it.\n\n`);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}

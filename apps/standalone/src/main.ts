import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";
import { printAddress } from "./print-address.ts";
import { standaloneSettings } from "./settings.ts";
import { explainFailure } from "./start-refused.ts";
import { startStandalone } from "./start-standalone.ts";

const settings = readSettingsOrExit(standaloneSettings(process.env));
const isForPerson = process.stdout.isTTY;
const log = openLog("pedidos", settings.LOG_LEVEL, { isForPerson });
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
  printAddress(url, log, isForPerson);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}

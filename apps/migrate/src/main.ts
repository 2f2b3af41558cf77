import { migrate, schemaDirectory } from "@pedidos/persistence";
import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";
import { describeFailure } from "./describe-failure.ts";
import { migrateSettings } from "./settings.ts";

const { DATABASE_URL, LOG_LEVEL } = readSettingsOrExit(migrateSettings);
const log = openLog("pedidos-migrate", LOG_LEVEL);

const migrating = migrate({ connectionString: DATABASE_URL, directory: schemaDirectory() });
// On a signal it finishes, or ends with 1 and changes nothing: only a finished run may end with 0.
runUntilSignal(log, async () => void (await migrating));
try {
  const { applied, notices } = await migrating;
  for (const name of applied) log.info({ file: name }, "applied");
  for (const notice of notices) log.info(notice);
  log.info(
    { applied: applied.length },
    applied.length === 0 ? "the schema was up to date" : "the schema is up to date",
  );
} catch (error) {
  const { isUnchanged, ...failure } = describeFailure(error);
  log.error(failure, `the schema could not be migrated; ${isUnchanged ? "nothing was changed" : "it may be changed"}`);
  process.exitCode = 1;
}

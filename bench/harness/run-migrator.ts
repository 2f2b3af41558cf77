import { bundleOf } from "./bundles.ts";
import { startApp } from "./start-app.ts";

/** Runs the built migrator. → what it wrote. @throws with that when it fails */
export async function runMigrator(databaseUrl: string): Promise<string> {
  const migrator = await startApp({ name: "migrate", entry: bundleOf("migrate"), env: { DATABASE_URL: databaseUrl } });
  const [code, output] = [await migrator.ended(), migrator.output()];
  await migrator.remove();
  if (code !== 0) throw new Error(`the migrator failed: ${output}`);
  return output;
}

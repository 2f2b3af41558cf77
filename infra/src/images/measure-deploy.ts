import { join } from "node:path";
import type { Target } from "./build-images.ts";
import { REPOSITORY } from "./build-images.ts";
import type { Workshop } from "./open-workshop.ts";
import { runCommand } from "./run-command.ts";

/** Prints what the same app would weigh as its sources and a plain copy of its production node_modules. */
export async function measureDeploy(workshop: Workshop, pnpm: string, app: Target): Promise<void> {
  const folder = join(workshop.folder, "deploy", app);
  const args = ["--filter", `@pedidos/${app}`, "deploy", "--prod", "--legacy", folder];
  await runCommand(pnpm, args, { cwd: REPOSITORY, logFile: join(workshop.folder, "deploy.log") });
  const count = async (script: string) => Number(await runCommand("/bin/sh", ["-c", script, "sh", folder])) / 1e6;
  const bytes = await count('tar -C "$1" -c . | wc -c');
  const compressed = await count('tar -C "$1" -c . | gzip | wc -c');
  console.log(`${app} with its node_modules instead: ${compressed.toFixed(3)} MB gzip, ${bytes.toFixed(3)} MB`);
}

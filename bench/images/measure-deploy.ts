import { join } from "node:path";
import { REPOSITORY } from "../harness/bundles.ts";
import type { Target } from "./build-images.ts";
import { findPnpm } from "./make-images.ts";
import type { Workshop } from "./open-workshop.ts";
import { runCommand } from "./run-command.ts";

/** Bytes, and how many gzip makes of them. */
export type Size = { readonly bytes: number; readonly compressedBytes: number };

/** What an app would weigh as its sources and a plain copy of its production node_modules. */
export async function measureDeploy(workshop: Workshop, app: Target): Promise<Size> {
  const folder = join(workshop.folder, "deploy", app);
  const args = ["--filter", `@pedidos/${app}`, "deploy", "--prod", "--legacy", "--prefer-offline", folder];
  await runCommand(findPnpm(), args, REPOSITORY);
  const count = async (script: string) => Number(await runCommand("/bin/sh", ["-c", script, "sh", folder]));
  return {
    bytes: await count('tar -C "$1" -c --exclude=./dist . | wc -c'),
    compressedBytes: await count('tar -C "$1" -c --exclude=./dist . | gzip | wc -c'),
  };
}

import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { leaveNothing } from "@pedidos/testing";

export const REPOSITORY = join(import.meta.dirname, "../..");

export type BuiltApp = "api" | "cli" | "consumer" | "migrate" | "standalone";

/** → the file that starts a built app. @throws if it is not built */
export function bundleOf(app: BuiltApp): string {
  const entry = join(REPOSITORY, "apps", app, "dist/main.js");
  if (!existsSync(entry)) throw new Error(`there is no ${entry}: run pnpm build first`);
  return entry;
}

/** Built apps in another folder, far from any node_modules, where a build meanwhile changes nothing. */
export type BundleCopies = {
  readonly folder: string;
  readonly entryOf: (app: BuiltApp) => string;
  readonly remove: () => void;
};

export function copyBundles(apps: readonly BuiltApp[]): BundleCopies {
  const { folder, remove } = leaveNothing("pedidos-bundles-");
  for (const app of apps) cpSync(join(bundleOf(app), ".."), join(folder, app), { recursive: true });
  return { folder, entryOf: (app) => join(folder, app, "main.js"), remove };
}

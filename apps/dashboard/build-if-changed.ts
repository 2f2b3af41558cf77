import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const root = import.meta.dirname;
const sources = ["src", "index.html", "vite.config.ts", "package.json", "../../packages/domain/src"];

// `pnpm start` runs the sources, which need no build but for the page: made once, and again when it has changed.
const built = join(root, "dist/index.html");
const changedAt = Math.max(...sources.map((name) => newestIn(join(root, name))));
if (!existsSync(built) || statSync(built).mtimeMs < changedAt) await build({ root, logLevel: "warn" });

/** → when a file, or the youngest file of a folder, was changed, in milliseconds since 1970. */
function newestIn(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  return Math.max(...readdirSync(path, { recursive: true }).map((name) => statSync(join(path, String(name))).mtimeMs));
}

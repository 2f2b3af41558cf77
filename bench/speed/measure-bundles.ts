import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Section } from "./bench.ts";

const APPS = join(import.meta.dirname, "../../apps");

/** What the bundles weigh, beside the budget that is committed in `bundle-budget.json`. */
export const bundles: Section = {
  name: "bundles",
  async measure() {
    const budget: Record<string, number> = JSON.parse(
      readFileSync(join(import.meta.dirname, "bundle-budget.json"), "utf8"),
    );
    return Object.entries(budget).map(([app, kilobytes]) => {
      const folder = join(APPS, app, "dist");
      const bundle = statSync(join(folder, "main.bundle.js")).size;
      const assets = (sizeOf(folder) - bundle) / 1_000;
      return {
        name: `bundle of apps/${app}`,
        unit: "kB",
        values: [bundle / 1_000],
        baseline: { name: "budget", values: [kilobytes] },
        target: { atMost: 1 },
        isExact: true,
        ...(assets > 0 && { note: `and ${Math.round(assets)} kB of asset files` }),
      };
    });
  },
};

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

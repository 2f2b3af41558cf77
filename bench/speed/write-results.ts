import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawPlot } from "./draw-plot.ts";
import type { BenchRun } from "./run-bench.ts";
import { writeTable } from "./write-table.ts";

const FOLDER = join(import.meta.dirname, "../results");

/** Writes the table, the plot and the numbers of a run. → the folder. */
export function writeResults(form: string, { machine, figures }: BenchRun): string {
  mkdirSync(FOLDER, { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  const title = `Pedidos, ${form} form, ${date}`;
  const about = Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`);
  const text = `# ${title}\n\n${about.join("\n")}\n\n![Ratios beside their targets](${form}.svg)\n\n${writeTable(figures)}`;
  writeFileSync(join(FOLDER, `${form}.md`), text);
  writeFileSync(
    join(FOLDER, `${form}.svg`),
    drawPlot(figures, `${title}: how many times its target each figure reaches`),
  );
  // A line each, so that a change shows which figure it is of.
  const lines = figures.map((figure) => JSON.stringify(figure));
  const head = `{"date":"${date}","machine":${JSON.stringify(machine)},"figures":[`;
  writeFileSync(join(FOLDER, `${form}.json`), `${head}\n${lines.join(",\n")}\n]}\n`);
  return FOLDER;
}

import { parseArgs } from "node:util";
import { meets } from "./figures.ts";
import { forms } from "./forms.ts";
import { runBench } from "./run-bench.ts";
import { writeResults } from "./write-results.ts";
import { writeTable } from "./write-table.ts";

const USAGE = `pnpm bench [--full | --ci] [--only SECTION[,SECTION]] [--keep]

Measures the built apps on a PostgreSQL and a RabbitMQ of its own, beside baselines in the same run.
--full  everything, with more rounds
--ci    the least; ends with 1 when a ratio is less than half as good as its target
--only  of these sections alone: bundles, starting, accepting, "whole path", draining, batch, standalone, waiting,
        latency, bytes, "two consumers", reads, memory
--keep  writes the results into bench/results/ (a full run does)`;

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    ci: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}

const began = Date.now();
const log = (what: string) =>
  void process.stderr.write(`${((Date.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${what}\n`);
const form = forms[values.full ? "full" : values.ci ? "ci" : "short"];
const run = await runBench(form, values.only, log);
process.stdout.write(`\n${writeTable(run.figures)}`);
if (values.keep || (values.full && values.only === "")) log(`written to ${writeResults(form.name, run)}`);
if (form.name === "ci") {
  const lost = run.figures.filter((figure) => meets(figure, figure.isExact ? 1 : 2) === false);
  for (const { name } of lost) process.stdout.write(`LOST: ${name}\n`);
  process.exitCode = lost.length > 0 ? 1 : 0;
}

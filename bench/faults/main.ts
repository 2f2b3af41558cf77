import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Operation } from "./history.ts";
import { type FaultRun, runFaults } from "./run-faults.ts";
import { writeVerdict } from "./verdict.ts";

const USAGE = `pnpm faults [--minutes N] [--seed N] [--liveness] [--out FOLDER]

Breaks a system of its own for so long (default 1 minute), by the schedule of a seed (default: any), and checks what is
left. Ends with 1 when something is wrong. --out keeps the history.`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    liveness: { type: "boolean", default: false },
    out: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (values.help || !(minutes > 0) || !Number.isInteger(seed)) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(values.help ? 0 : 2);
}

const log = (line: string) => void process.stdout.write(`${new Date().toISOString().slice(11, 23)} ${line}\n`);
const run = await runFaults({ seed, durationMs: minutes * 60_000, liveness: values.liveness, log });
log(`idle ${run.idleAfterMs} ms after healing; ${slowest(run)}`);
for (const [name, count] of Object.entries(run.faults).sort()) log(`${count} × ${name}`);
process.stdout.write(`seed=${seed} minutes=${minutes}\n${writeVerdict(run.verdict)}\n`);
if (values.out !== undefined) keep(values.out, run);
process.exitCode = run.verdict.findings.length > 0 ? 1 : 0;

function slowest({ history }: FaultRun): string {
  const longest = (roads: readonly Operation["road"][]) =>
    history.operations.reduce((most, o) => (roads.includes(o.road) ? Math.max(most, o.endedAt - o.sentAt) : most), 0);
  return `the slowest answer to one order took ${longest(["single"])} ms`;
}

function keep(folder: string, { history, tables, verdict }: FaultRun): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, rows: Iterable<unknown>) =>
    writeFileSync(join(folder, `${name}.jsonl`), Array.from(rows, (row) => `${toJson(row)}\n`).join(""));
  write("operations", history.operations);
  write("events", history.events.values());
  write("orders", tables.orders);
  write("rejections", tables.rejections);
  write("findings", verdict.findings);
}

function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, member) => (typeof member === "bigint" ? String(member) : member));
}

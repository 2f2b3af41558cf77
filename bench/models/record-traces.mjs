// Draws runs of quarantine.pml at random, by seed, for the simulation to replay on the shipped consumer loop. Of these the
// replay keeps some that the loop can go (bench/simulation/recording/quarantine-traces.txt), and fails if the loop
// goes one otherwise than the model.
//
//   pnpm model:traces
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SEEDS = 300;
const SETTINGS = [
  ["CONSUMERS=1", "FAULTS=1"],
  ["CONSUMERS=1", "FAULTS=2"],
  ["CONSUMERS=1", "FAULTS=1", "KILLS_DATABASE"],
  ["CONSUMERS=1", "FAULTS=2", "KILLS_DATABASE"],
  ["CONSUMERS=1", "FAULTS=2", "ONLY_ANSWERS"],
  ["CONSUMERS=1", "FAULTS=2", "ONLY_ANSWERS", "KILLS_DATABASE"],
];
const MOST_STEPS = 3_000;
const STEP = /^[a-z_]+ \d (?:[A-Z]+ ){2}/;
const ENDED = /^\S+ \d POISON RECORDED /;

/** → the steps of a run up to where both messages are settled; undefined if it does not come to that. */
async function draw(defines, seed, folder) {
  const flags = [...defines, "TRACE"].map((define) => `-D${define}`);
  const model = join(import.meta.dirname, "quarantine.pml");
  const { stdout } = await run("spin", ["-T", `-n${seed}`, `-u${MOST_STEPS}`, ...flags, model], { cwd: folder });
  const steps = stdout.split("\n").filter((line) => STEP.test(line));
  const end = steps.findIndex((step) => ENDED.test(step));
  return end === -1 ? undefined : steps.slice(0, end + 1);
}

const queue = SETTINGS.flatMap((defines) =>
  Array.from({ length: SEEDS }, (_, seed) => ({ defines, seed: seed + 1 })),
).values();
const traces = [];
async function work() {
  // SPIN writes files where it works.
  const folder = await mkdtemp(join(tmpdir(), "pedidos-model-"));
  for (const { defines, seed } of queue) {
    const steps = await draw(defines, seed, folder);
    if (steps !== undefined) traces.push(`# ${defines.join(" ")} seed ${seed}\n${steps.join("\n")}\n`);
  }
  await rm(folder, { recursive: true });
}
await Promise.all(Array.from({ length: availableParallelism() }, work));
const drawn = await mkdtemp(join(tmpdir(), "pedidos-model-"));
try {
  const file = join(drawn, "traces.txt");
  await writeFile(file, traces.join("\n"));
  const replay = ["exec", "vitest", "run", "--project", "unit", "bench/simulation/recording/replay"];
  const { stdout } = await run("pnpm", replay, { env: { ...process.env, DRAWN_TRACES: file } }).catch((error) => {
    process.exitCode = 1;
    return error;
  });
  process.stdout.write(stdout);
} finally {
  await rm(drawn, { recursive: true });
}

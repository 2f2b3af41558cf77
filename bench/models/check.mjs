// Explores every model of this folder with SPIN, completely; then each once more with one safeguard switched off, which
// must yield a counterexample. Says what it did a line each, and fails when anything is not as it must be.
//
//   pnpm model                                   what CI runs
//   pnpm model --faults 3 [--model announce]     with more faults (slower, and hungrier)
//   pnpm model --trace quarantine NO_ALONE       the counterexample, step by step
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";

const run = promisify(execFile);
const SAFETY = "safety";
/** How deep a search may go; one that would go deeper is reported as not explored. */
const DEPTH = 300_000;
const MEMORY_MIB = 2_000;

/**
 * Each model: the properties that must hold ("safety": its assertions; else the name of an ltl formula) with the faults
 * that CI allows them, in each of its settings; and the switches that must break each property, "+" between two that
 * are switched together. Every property is broken by one at least: one that can't fail proves nothing.
 */
const MODELS = [
  {
    name: "intake-and-record",
    isLarge: true,
    properties: { [SAFETY]: 2, settled: 1, drained: 1, answered: 1 },
    switches: {
      [SAFETY]: `NO_CONFIRM NO_MANDATORY NO_DURABLE NO_BROKER_ROAD NO_SPOOL_ROAD NO_SPOOL_COMMIT NO_ACK_AFTER_COMMIT
        NO_ACK_AFTER_SPOOLING NO_UNIQUE NO_FINGERPRINT NO_REJECTION_IN_TRANSACTION NO_SAME_BYTES
        NO_DELETE_IN_TRANSACTION NO_OUTAGE`,
      settled: `NO_LEASE_END`,
      drained: `NO_LEASE_END`,
      answered: `NO_DEADLINE`,
    },
  },
  {
    name: "announce",
    properties: { [SAFETY]: 3, announcing: 2, emptying: 2, hearing: 2 },
    switches: {
      [SAFETY]: `NO_AFTER_COMMIT`,
      announcing: `NO_OUTBOX NO_ROW_IN_TRANSACTION NO_CONFIRM_BEFORE_DELETION NO_SWEEP NO_BACK_OFF`,
      emptying: `NO_SWEEP`,
      hearing: `NO_REFUSAL`,
    },
  },
  {
    name: "alarm",
    isLarge: true,
    properties: { [SAFETY]: 1, recording: 1, answering: 1, announcing: 1 },
    switches: {
      [SAFETY]: `NO_SPOOL_ROAD NO_WINDOW NO_RESET`,
      recording: `NO_SEPARATE_CONNECTION NO_ANNOUNCING_APART NO_CLAIM NO_ROOM_FOR_OVERSIZED`,
      answering: `NO_DEADLINE`,
      announcing: `NO_PASSING_ON`,
    },
  },
  {
    name: "outage",
    properties: { [SAFETY]: 3, dealing: 2 },
    switches: {
      [SAFETY]: `NO_LAST_LINE NO_RELEASING_ONCE`,
      dealing: `NO_KEEPING_LATE NO_SECOND_ATTEMPT`,
    },
  },
  {
    name: "feed",
    properties: { [SAFETY]: 2, appearing: 1 },
    switches: {
      [SAFETY]: `NO_STAMP_ABOVE NO_LOCK_FIRST NO_OPEN_TRANSACTIONS NO_PATIENCE NO_SNAPSHOT_FIRST NO_LATER_READ`,
      appearing: `NO_OWN_LOCKS`,
    },
    others: [
      { defines: ["ROWS=3"], property: SAFETY, faults: 0, mustHold: true },
      { defines: ["INSTANCES=2"], property: SAFETY, faults: 0, mustHold: true },
      { defines: ["LATEST=4"], property: SAFETY, faults: 1, mustHold: true },
    ],
  },
  {
    name: "quarantine",
    settings: [[], ["KILLS_DATABASE"]],
    properties: { [SAFETY]: 2, ending: 1 },
    switches: {
      [SAFETY]: `NO_COUNT_BEFORE NO_ALONE NO_QUIET NO_POISON NO_UNCOUNTED_OUTAGE NO_UNCOUNTED_ANSWER
        NO_ROWS_GIVEN_BACK NO_COUNTED_OUTAGE_ALONE+KILLS_DATABASE NO_SUSPICION_AFTER_OUTAGE+KILLS_DATABASE`,
      ending: `NO_QUARANTINE`,
    },
    others: [
      { defines: ["STRICT"], property: SAFETY, faults: 1, mustHold: true },
      { defines: ["STRICT", "KILLS_DATABASE", "CONSUMERS=1"], property: SAFETY, faults: 1, mustHold: true },
      // A known limit, see README.md, and what would lift it.
      { defines: ["STRICT", "KILLS_DATABASE"], property: SAFETY, faults: 0, mustHold: false },
      { defines: ["STRICT", "KILLS_DATABASE", "ONE_EVERYWHERE"], property: SAFETY, faults: 1, mustHold: true },
    ],
  },
];

function checksOf({ name, isLarge = false, settings = [[]], properties, switches, others = [] }) {
  const holding = settings.flatMap((defines) =>
    Object.entries(properties).map(([property, faults]) => {
      const check = { name, isLarge, defines, property };
      return { ...check, faults, mustHold: true };
    }),
  );
  const broken = Object.entries(switches).flatMap(([property, ways]) =>
    ways.split(/\s+/).map((way) => ({ name, defines: way.split("+"), property, mustHold: false })),
  );
  return [...holding, ...others.map((check) => ({ name, ...check })), ...broken];
}

/** → the folder of a checker for one model and setting; for all of its liveness properties, or for its assertions. */
function createCompiler(root) {
  const folders = new Map();
  async function compile({ name, property, mustHold, isLarge }, flags) {
    const folder = await mkdtemp(join(root, `${name}-`));
    const kind = property === SAFETY ? ["-DSAFETY", "-DNOCLAIM", "-DNOFAIR"] : ["-DNFAIR=3"];
    await run("spin", ["-a", ...flags, modelOf(name)], { cwd: folder });
    // A counterexample, or a small model, is explored sooner than an optimised checker is compiled.
    const optimised = mustHold && isLarge ? "-O1" : "-O0";
    await run("gcc", [optimised, "-w", `-DMEMLIM=${MEMORY_MIB}`, ...kind, "-o", "pan", "pan.c"], { cwd: folder });
    return folder;
  }
  return (check, flags) => {
    const key = [check.name, check.property === SAFETY, ...flags].join(" ");
    const folder = folders.get(key) ?? compile(check, flags);
    folders.set(key, folder);
    return folder;
  };
}

const modelOf = (name) => join(import.meta.dirname, `${name}.pml`);
const flagsOf = ({ defines, faults }) =>
  [...defines, ...(faults === undefined ? [] : [`FAULTS=${faults}`])].map((define) => `-D${define}`);
const numberIn = (text, pattern) => Number(pattern.exec(text)?.[1] ?? Number.NaN);

/** Explores one model for one property, with weak fairness: what could go on for ever does not. */
async function explore(check, compile) {
  const folder = await compile(check, flagsOf(check));
  const began = performance.now();
  const kind = check.property === SAFETY ? ["-E"] : ["-a", "-f", "-A", "-N", check.property];
  const { stdout } = await run("./pan", [...kind, `-m${DEPTH}`, "-w20"], { cwd: folder, maxBuffer: 1 << 26 });
  const errors = numberIn(stdout, /errors: (\d+)/);
  const steps = numberIn(stdout, /pan:1: (?:assertion violated|acceptance cycle).*\(at depth (\d+)\)/);
  const isComplete = !/max search depth too small|Search not completed/.test(stdout);
  return {
    folder,
    states: numberIn(stdout, /(\d+) states, stored/),
    seconds: (performance.now() - began) / 1000,
    steps,
    holds: errors === 0 && isComplete,
    isBroken: errors > 0 && steps > 0,
  };
}

function describe(check, found) {
  const isAsItMust = check.mustHold ? found.holds : found.isBroken;
  const what = [check.property, ...check.defines].join(" ");
  const outcome = found.holds ? "holds" : found.isBroken ? `counterexample of ${found.steps} steps` : "not explored";
  const verdict = `${outcome}${isAsItMust ? (check.mustHold ? "" : ", as it must") : ": WRONG"}`;
  const faults = check.faults === undefined ? "" : `faults ${check.faults}`;
  const figures = `${String(found.states).padStart(9)} states ${found.seconds.toFixed(1).padStart(5)} s`;
  return { isAsItMust, line: `${check.name.padEnd(18)}${what.padEnd(44)}${faults.padEnd(9)}${figures}  ${verdict}` };
}

async function checkAll(checks, root) {
  const compile = createCompiler(root);
  const queue = checks.values();
  let failures = 0;
  async function work() {
    for (const check of queue) {
      const { isAsItMust, line } = describe(check, await explore(check, compile));
      if (!isAsItMust) failures++;
      process.stdout.write(`${line}\n`);
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
  return failures;
}

async function trace(check, root) {
  const { folder } = await explore(check, createCompiler(root));
  const replay = ["-t", "-k", `${check.name}.pml.trail`, "-p", "-g", "-l", ...flagsOf(check), modelOf(check.name)];
  // SPIN's exit code is the error of the trace that it shows.
  const { stdout } = await run("spin", replay, { cwd: folder, maxBuffer: 1 << 26 }).catch((error) => error);
  process.stdout.write(stdout);
}

async function missingTools() {
  const missing = [];
  for (const tool of ["spin", "gcc"])
    await run(tool, [tool === "spin" ? "-V" : "--version"]).catch(() => missing.push(tool));
  return missing;
}

const { values, positionals } = parseArgs({
  options: { faults: { type: "string" }, model: { type: "string" }, trace: { type: "boolean" } },
  allowPositionals: true,
});
const missing = await missingTools();
if (missing.length > 0) {
  process.stderr.write(`pnpm model needs ${missing.join(" and ")}: on Debian and Ubuntu, apt-get install spin gcc\n`);
  process.exit(1);
}
const root = await mkdtemp(join(tmpdir(), "pedidos-model-"));
try {
  const all = MODELS.flatMap(checksOf);
  if (values.trace) {
    const [name, ...defines] = positionals;
    const check = all.find((c) => c.name === name && c.defines.join(" ") === defines.join(" ") && !c.mustHold);
    if (check === undefined) throw new Error(`no model ${name} with the switch ${defines.join(" ")}`);
    await trace(check, root);
  } else {
    const chosen = all
      .filter((check) => values.model === undefined || check.name === values.model)
      .filter((check) => values.faults === undefined || (check.mustHold && !check.defines.includes("STRICT")))
      .map((check) => (values.faults === undefined ? check : { ...check, faults: Number(values.faults) }));
    const failures = await checkAll(chosen, root);
    process.stdout.write(`${chosen.length} checks, ${failures} not as they must be\n`);
    process.exitCode = chosen.length === 0 || failures > 0 ? 1 : 0;
  }
} finally {
  await rm(root, { recursive: true, force: true });
}

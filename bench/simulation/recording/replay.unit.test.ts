import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import { expect, test } from "vitest";
import { readTraces, type Trace } from "./model-trace.ts";
import { replayTrace } from "./replay-trace.ts";

useSimulatedClock();

const KEPT = join(import.meta.dirname, "quarantine-traces.txt");
/** `pnpm model:traces` names a file of new ones. */
const drawn = process.env.DRAWN_TRACES;
/** How many are kept of each setting of the model. */
const MOST_KEPT = 10;

if (drawn === undefined)
  test("the shipped loop goes the recorded runs of the model, and is in the model's state after each step", async () => {
    const traces = readTraces(readFileSync(KEPT, "utf8"));
    expect(traces.length).toBeGreaterThan(20);
    for (const trace of traces)
      expect(await replayTrace(trace), `${trace.heading}\n${trace.lines.join("\n")}`).toEqual({ outcome: "agrees" });
    const gone = new Set(traces.flatMap(({ steps }) => steps.map(({ name }) => name)));
    const steps = "spool claim_alone give_back hand_back end_process database_ends end_lease answer";
    for (const name of steps.split(" ")) expect(gone).toContain(name);
  });
else
  test("of the drawn runs that the loop can go none disagrees; some are kept", async () => {
    const kept = new Map<string, Trace[]>();
    const counts: Record<string, number> = {};
    for (const trace of readTraces(readFileSync(drawn, "utf8"))) {
      const replayed = await replayTrace(trace);
      const what = replayed.outcome === "not taken" ? `not taken: ${replayed.why}` : replayed.outcome;
      counts[what] = (counts[what] ?? 0) + 1;
      expect(replayed.outcome, JSON.stringify({ ...replayed, trace: trace.lines }, null, 1)).not.toBe("disagrees");
      const setting = trace.heading.split(" seed ")[0] ?? "";
      if (replayed.outcome === "agrees") kept.set(setting, [...(kept.get(setting) ?? []), trace]);
    }
    const chosen = [...kept.values()].flatMap((traces) => mostVaried(traces).slice(0, MOST_KEPT));
    writeFileSync(KEPT, chosen.map(({ heading, lines }) => `# ${heading}\n${lines.join("\n")}\n`).join("\n"));
    process.stdout.write(`${JSON.stringify(counts, null, 1)}\n${chosen.length} kept\n`);
  });

/** Those first that hold the most kinds of steps; each sequence of steps once. */
function mostVaried(traces: readonly Trace[]): Trace[] {
  const sequenceOf = ({ steps }: Trace) => steps.map(({ name, message }) => `${name} ${message}`).join();
  const variety = ({ steps }: Trace) => new Set(steps.map(({ name }) => name)).size;
  const different = new Map(traces.map((trace) => [sequenceOf(trace), trace]));
  return [...different.values()].sort((a, b) => variety(b) - variety(a));
}

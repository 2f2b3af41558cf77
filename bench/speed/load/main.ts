import type { Load, Loaded, LoadedWithCost, Report } from "./load.ts";
import { pace, sendInARow } from "./pace.ts";
import { saturate } from "./saturate.ts";

// A process of its own, so that neither the load nor the measuring waits for the other.
process.once("message", async (load: Load) => {
  const loaded = withCost(await run(load));
  // A long result is not written at once, and what is not written when the channel closes is lost.
  report({ kind: "loaded", loaded }, () => process.disconnect?.());
});

async function run(load: Load): Promise<Loaded> {
  switch (load.kind) {
    case "saturating":
      return await saturate(load, (accepted, measuring) => report({ kind: "progress", accepted, measuring }));
    case "paced":
      return await pace(load);
    case "in a row":
      return await sendInARow(load);
  }
}

function withCost(loaded: Loaded): LoadedWithCost {
  const { user, system } = process.cpuUsage();
  return { ...loaded, cpuMicroseconds: (user + system) / loaded.accepted };
}

function report(what: Report, whenWritten = () => {}): void {
  process.send?.(what, whenWritten);
}

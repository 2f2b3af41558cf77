import type { Scheduler } from "fast-check";
import { vi } from "vitest";
import { settle } from "../settle.ts";
import { openSimulation, type SimulationOptions } from "./open-simulation.ts";
import type { Fate, Fault, World } from "./simulated-world.ts";

/** What a simulation is made of: everything else follows from it. */
export type Scenario = Pick<SimulationOptions, "messages" | "spooled" | "spoil" | "rules"> & {
  readonly scheduler: Scheduler;
  /** What happens, and before which step. */
  readonly faults: readonly (readonly [beforeStep: number, Fault])[];
  /** Which calls do not go as they should, by their number. */
  readonly fates: readonly (readonly [call: number, Fate])[];
};

const MOST_STEPS = 4_000;
const CALLS = 400;
/** Nothing waits any more, and nothing has come of it in this time: longer than what is done again and again. */
const STILL_MS = 2_000;
const PASSING_MS = 250;
/** Long enough to count four tries, for any rule that counts them. */
const REFUSING_MS = 60_000;

/**
 * Runs the shipped consumer on a database and a broker in memory, one step at a time, in the order that the scheduler
 * chooses; when it is killed, another takes its place. Ends when everything is idle. → the world as it then is.
 */
export async function simulate({ faults, fates, scheduler, ...what }: Scenario): Promise<World> {
  const { world, process, end } = openSimulation({
    ...what,
    scheduler,
    fates: Array.from({ length: CALLS }, (_, number) => fates.find(([at]) => at === number)?.[1] ?? "done"),
  });
  let stopping: ReturnType<typeof process> | undefined;

  function change(now: Partial<World>, then: Partial<World>, afterMs: number): void {
    Object.assign(world, now);
    setTimeout(() => Object.assign(world, then), afterMs);
  }
  function inject(fault: Fault): void {
    if (fault === "kill") end();
    else if (fault === "channel_lost") process().broker.lose();
    else if (fault === "paused") change({ isPaused: true }, { isPaused: false }, 5_000);
    else if (fault === "refusing" || fault === "refusing_unseen")
      change({ isRefusing: true, isRefusalUnseen: fault === "refusing_unseen" }, { isRefusing: false }, REFUSING_MS);
    else if (fault === "queue_full") change({ isQueueFull: true }, { isQueueFull: false }, 20_000);
    else if (fault === "database_away") change({ isDatabaseUp: false }, { isDatabaseUp: true }, 7_000);
    else if (stopping !== process()) {
      const ended = process();
      stopping = ended;
      void ended.recorder.stop().then(() => {
        if (ended === process()) end();
      });
    }
  }

  let stillMs = 0;
  for (let step = 0; step < MOST_STEPS && stillMs < STILL_MS; step++) {
    for (const [at, fault] of faults) if (at === step) inject(fault);
    await settle();
    const isDelivered = process().broker.deliver();
    if (scheduler.count() > 0) await scheduler.waitOne();
    else if (!isDelivered) {
      vi.advanceTimersByTime(PASSING_MS);
      stillMs += PASSING_MS;
    }
    if (!isIdle(world) || process().broker.unacknowledged() > 0) stillMs = 0;
  }
  if (stillMs < STILL_MS) world.findings.push("it does not become idle");
  process().isOver = true;
  return world;
}

function isIdle({ queue, spool, outbox }: World): boolean {
  return queue.length === 0 && spool.size === 0 && outbox.size === 0;
}

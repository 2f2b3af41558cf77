import { vi } from "vitest";
import { settle } from "../settle.ts";
import type { Step, Trace } from "./model-trace.ts";
import { openSimulation, type Simulation } from "./open-simulation.ts";
import { type ScriptedScheduler, scriptedScheduler } from "./scripted-scheduler.ts";
import { Outage } from "./simulated-world.ts";

/**
 * "agrees": the shipped loop went each step of the trace, and was in the model's state after each. "not taken": it does
 * together what the model does apart, or the other way round, so it never comes to such a run.
 */
export type Replayed =
  | { readonly outcome: "agrees" }
  | { readonly outcome: "not taken"; readonly step: number; readonly why: string }
  | { readonly outcome: "disagrees"; readonly step: number; readonly model: string; readonly loop: string };

const order = (orderId: number, product: string) =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"${product}","quantity":1,"unitPrice":1}]}`;
const TEXTS = [order(1, "killer"), order(2, "pen")];
const BOTH = [0, 1];
/** Leases end when the trace says so. */
const LEASE_MS = 1e9;
/** As long as the loop may need to come to a step: an outage is long after 5 s. */
const PATIENCE_MS = 8_000;
const PASSING_MS = 50;

class NotTaken extends Error {}

/** Has the shipped consumer go the steps of a trace, and compares the states. */
export async function replayTrace({ killsDatabase, steps }: Trace): Promise<Replayed> {
  const [begin, ...following] = steps;
  const starting = (place: string) => TEXTS.filter((_, message) => begin?.at[message] === place);
  const scheduler = scriptedScheduler();
  const simulation = openSimulation({
    scheduler,
    messages: starting("FRESH").map((text) => [text]),
    // In the model pending lines can be started at any moment.
    areAwaited: true,
    spooled: starting("FREE"),
    leaseMs: LEASE_MS,
    // Nobody pauses consuming in the model, and nobody asks.
    spoil: (store) => ({ ...store, isPaused: async () => false }),
    kill(world) {
      if (!killsDatabase) return end();
      world.isDatabaseUp = false;
      throw new Outage("the database has ended");
    },
  });
  function end(): void {
    scheduler.forget();
    simulation.end();
  }
  const go = openSteps(simulation, scheduler, end);
  try {
    await settle();
    for (let index = 0; index < following.length; ) {
      const taken = await go(following, index);
      index += taken;
      const step = following[index - 1];
      if (step === undefined) throw new Error("a trace ended within a step");
      const [model, loop] = [describe(step), inspect(simulation, scheduler)];
      if (model !== loop) return { outcome: "disagrees", step: index, model, loop };
    }
    return { outcome: "agrees" };
  } catch (error) {
    if (!(error instanceof NotTaken)) throw error;
    return { outcome: "not taken", step: -1, why: error.message };
  } finally {
    simulation.process().isOver = true;
    // What it would still do for ever would be done during the next trace too.
    vi.clearAllTimers();
  }
}

/** The model's state in words. A settled message has no tries any more. */
function describe({ at, tries, suspect, isTried, kills }: Step): string {
  return BOTH.map((m) => write(at[m] ?? "", tries[m] ?? 0, suspect[m] === true, isTried[m] === true))
    .join(", ")
    .concat(`, kills ${kills}`);
}
const write = (at: string, tries: number, isSuspect: boolean, isTried: boolean) =>
  at === "RECORDED" || at === "POISON"
    ? at
    : `${at} tries ${tries}${isSuspect ? " suspect" : ""}${isTried ? " tried" : ""}`;

/** The loop's state in the same words. */
function inspect({ world }: Simulation, scheduler: ScriptedScheduler): string {
  const states = TEXTS.map((text) => {
    if (world.rejections.has(text)) return world.rejections.get(text)?.reason === "poison" ? "POISON" : "REJECTED";
    if ([...world.orders.values()].includes(text)) return "RECORDED";
    const isTried = isUnderWay(scheduler, text);
    const row = [...world.spool.values()].find(({ body }) => String(body) === text);
    if (row !== undefined) {
      const at = row.leasedUntil === null ? "FREE" : row.claimedBy?.isOver ? "ORPHAN" : "LEASED";
      return write(at, row.tries, row.suspect, isTried);
    }
    const queued = world.queue.find(({ body }) => String(body) === text);
    return write(queued === undefined ? "UNACKED" : queued.wasDelivered ? "AGAIN" : "FRESH", 0, false, isTried);
  });
  return `${states.join(", ")}, kills ${world.kills.get(TEXTS[0] ?? "") ?? 0}`;
}

function isUnderWay(scheduler: ScriptedScheduler, text: string): boolean {
  return scheduler.underWay().some((label) => label.startsWith("record ") && label.includes(text));
}

/** → what goes one step of a trace, or several that the loop takes at once. → how many */
function openSteps({ world, process }: Simulation, scheduler: ScriptedScheduler, end: () => void) {
  const named = (name: string) => (label: string) => label === name;
  const isRecording = (text: string) => (label: string) => label.startsWith("record ") && label.includes(text);
  const bodyOf = (message: number) => TEXTS[message] ?? "";

  /** What follows by itself, and is no step of the model: acknowledging, announcing, calls that an outage has failed. */
  async function follow(): Promise<void> {
    const follows = (label: string) =>
      label === "acknowledge" || label === "publish" || (!world.isDatabaseUp && label.startsWith("record "));
    do await settle();
    while (scheduler.run(follows));
  }
  async function pass(): Promise<void> {
    vi.advanceTimersByTime(PASSING_MS);
    await settle();
  }
  /** Lets calls that change nothing come to their ends until the one that is waited for is under way, and ends it. */
  async function runWhenThere(wanted: string, idle: readonly string[]): Promise<void> {
    for (let passedMs = 0; passedMs < PATIENCE_MS; ) {
      if (scheduler.run(named(wanted))) return;
      if (!scheduler.run((label) => idle.includes(label))) {
        await pass();
        passedMs += PASSING_MS;
      }
      await settle();
    }
    throw new NotTaken(`${wanted} does not come`);
  }
  async function passUntil(done: () => boolean, calls: (label: string) => boolean): Promise<void> {
    for (let passedMs = 0; !done(); passedMs += PASSING_MS) {
      if (passedMs > PATIENCE_MS) throw new NotTaken("it does not come to that");
      if (!scheduler.run(calls)) await pass();
      await follow();
    }
  }
  function deliver(message: number): void {
    const index = world.queue.findIndex(({ body }) => String(body) === bodyOf(message));
    world.queue.unshift(...world.queue.splice(index, 1));
    if (index === -1 || !process().broker.deliver()) throw new NotTaken("it takes no deliveries now");
  }
  const rowOf = (message: number) => [...world.spool.values()].find(({ body }) => String(body) === bodyOf(message));
  const isFree = (message: number, suspect: boolean) => {
    const row = rowOf(message);
    return row !== undefined && row.leasedUntil === null && row.suspect === suspect;
  };

  const STEPS: Readonly<Record<string, (message: number) => void | Promise<void>>> = {
    take: deliver,
    async spool(message) {
      deliver(message);
      await settle();
      if (!scheduler.run(named("spool"))) throw new NotTaken("what came back waits");
    },
    claim: () =>
      runWhenThere(
        "claim",
        ["find due"].filter(() => !BOTH.some((m) => isFree(m, true))),
      ),
    start: () => {},
    finish(message) {
      if (message === 1 && scheduler.underWay().some((label) => TEXTS.every((text) => isRecording(text)(label))))
        throw new NotTaken("the two are in one transaction");
      if (!scheduler.run(isRecording(bodyOf(message)))) throw new Error("it is not being tried");
    },
    async answer(message) {
      if (scheduler.underWay().some((label) => TEXTS.every((text) => isRecording(text)(label))))
        throw new NotTaken("the two are in one transaction");
      world.fates.push("answered");
      if (!scheduler.run(isRecording(bodyOf(message)))) throw new Error("it is not being tried");
      await settle();
      await passUntil(() => process().recorder.status().database === "down", named("probe"));
      await STEPS.give_back?.(message);
    },
    async reserve() {
      if (BOTH.some((m) => isFree(m, false))) throw new NotTaken("it would claim what is not suspect first");
      await runWhenThere("find due", ["claim"]);
    },
    async claim_alone(message) {
      const first = BOTH.filter((m) => isFree(m, true)).sort(
        (a, b) => (rowOf(a)?.spoolId ?? 0) - (rowOf(b)?.spoolId ?? 0),
      );
      if (first[0] !== message) throw new NotTaken("it would claim the older one");
      await runWhenThere("claim suspect", []);
    },
    unreserve: () => runWhenThere("claim suspect", []),
    give_back: () =>
      passUntil(
        () => process().recorder.status().database === "up",
        (label) => label === "probe" || label === "spool" || label.startsWith("release"),
      ),
    hand_back: () => passUntil(() => process().broker.isPaused(), named("probe")),
    end_process: end,
    database_ends() {
      world.isDatabaseUp = false;
    },
    database_returns() {
      world.isDatabaseUp = true;
    },
    lose_channel() {
      throw new NotTaken("what is under way when a channel is lost goes on");
    },
    end_lease(message) {
      const row = rowOf(message);
      if (row !== undefined) row.leasedUntil = null;
    },
  };

  return async (steps: readonly Step[], index: number): Promise<number> => {
    const step = steps[index];
    const go = step && STEPS[step.name];
    if (step === undefined || go === undefined) throw new Error(`no such step: ${step?.name}`);
    // One claim takes all that is free and not suspect.
    let taken = 1;
    const others = BOTH.filter((m) => m !== step.message && isFree(m, false));
    if (step.name === "claim" && others.length > 0) {
      if (steps[index + 1]?.name !== "claim") throw new NotTaken("it claims both at once");
      taken++;
    }
    await go(step.message);
    await follow();
    // All pending lines are started at once, together.
    const isHeld = () => process().recorder.status().database === "down";
    const isStarted = (at: Step | undefined) =>
      at?.isHeld === isHeld() && BOTH.every((m) => at.isTried[m] === isUnderWay(scheduler, bodyOf(m)));
    while (!isStarted(steps[index + taken - 1]) && steps[index + taken]?.name === "start") taken++;
    if (!isStarted(steps[index + taken - 1])) throw new NotTaken("it starts pending lines at another time");
    return taken;
  };
}

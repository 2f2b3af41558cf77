import type { Scheduler } from "fast-check";
import { vi } from "vitest";
import { openRecorder, type Recorder } from "../open-recorder.ts";
import type { RecorderStore } from "../recorder-store.ts";
import { type SimulatedBroker, simulatedBroker } from "./simulated-broker.ts";
import { simulatedStore } from "./simulated-store.ts";
import type { Blow, Fate, Life, Queued, World } from "./simulated-world.ts";

/** What a simulation is made of: everything else follows from it. */
export type Scenario = {
  readonly scheduler: Scheduler;
  /** Orders that the broker delivers: lines of messages. */
  readonly messages: readonly (readonly string[])[];
  /** Orders that the API spooled. */
  readonly spooled: readonly string[];
  /** What happens, and before which step. */
  readonly blows: readonly (readonly [beforeStep: number, Blow])[];
  /** Which calls do not go as they should, by their number. */
  readonly fates: readonly (readonly [call: number, Fate])[];
  /** Takes a safeguard away. */
  readonly spoil?: (store: RecorderStore) => RecorderStore;
};

type Process = Life & { readonly recorder: Recorder; readonly broker: SimulatedBroker };

const log = { debug() {}, info() {}, warn() {}, error() {} };
const MOST_STEPS = 4_000;
const CALLS = 400;
/** Nothing waits any more, and nothing has come of it in this time: longer than what is done again and again. */
const STILL_MS = 2_000;
const PASSING_MS = 250;

const realTurn = setImmediate;
/** Everything that waits for nothing but its turn. Timers are fake: they pass when the simulation lets them. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await new Promise<void>((resolve) => realTurn(resolve));
    vi.advanceTimersByTime(0);
  }
}

/**
 * Runs the shipped consumer on a database and a broker in memory, one step at a time, in the order that the scheduler
 * chooses; when it is killed, another takes its place. Ends when everything is at rest. → the world as it then is.
 */
export async function simulate(scenario: Scenario): Promise<World> {
  const { scheduler, messages, spooled, blows, fates } = scenario;
  const world: World = {
    scheduler,
    fates: Array.from({ length: CALLS }, (_, number) => fates.find(([at]) => at === number)?.[1] ?? "done").reverse(),
    isDatabaseUp: true,
    isPaused: false,
    orders: new Map(),
    rejections: new Map(),
    spool: new Map(),
    outbox: new Map(),
    queue: messages.map((lines) => ({
      body: Buffer.from(lines.join("\n")),
      contentType: lines.length > 1 ? "application/x-ndjson" : undefined,
      wasDelivered: false,
    })),
    heard: new Set(),
    findings: [],
    kills: new Map(),
    copies: new Map(),
    nextId: 1,
    kill: () => end(),
  };
  for (const text of spooled) {
    const spoolId = world.nextId++;
    const row = { spoolId, source: "http" as const, body: Buffer.from(text) };
    world.spool.set(spoolId, { ...row, tries: 0, suspect: false, leasedUntil: null });
  }
  const isSafe = ({ body }: Queued) =>
    String(body)
      .split("\n")
      .every((line) => isKept(world, line));
  const start = (): Process => {
    const life: Life = { isOver: false };
    const broker = simulatedBroker(world, life, isSafe);
    const store = simulatedStore(world, life);
    const recorder = openRecorder({ store: scenario.spoil?.(store) ?? store, broker, log });
    return Object.assign(life, { recorder, broker });
  };
  let process = start();
  let stopping: Promise<void> | undefined;

  function end(): void {
    process.isOver = true;
    process.broker.lose();
    for (const row of world.outbox.values()) row.isSwept = false;
    stopping = undefined;
    process = start();
  }
  function strike(blow: Blow): void {
    if (blow === "kill") end();
    else if (blow === "channel_lost") process.broker.lose();
    else if (blow === "paused") {
      world.isPaused = true;
      setTimeout(() => {
        world.isPaused = false;
      }, 5_000);
    } else if (blow === "database_away") {
      world.isDatabaseUp = false;
      setTimeout(() => {
        world.isDatabaseUp = true;
      }, 7_000);
    } else if (stopping === undefined) {
      const ended = process;
      stopping = process.recorder.stop().then(() => {
        if (ended === process) end();
      });
    }
  }

  let stillMs = 0;
  for (let step = 0; step < MOST_STEPS && stillMs < STILL_MS; step++) {
    for (const [at, blow] of blows) if (at === step) strike(blow);
    await settle();
    const isDelivered = process.broker.deliver();
    if (scheduler.count() > 0) await scheduler.waitOne();
    else if (!isDelivered) {
      vi.advanceTimersByTime(PASSING_MS);
      stillMs += PASSING_MS;
    }
    if (!isAtRest(world) || process.broker.unacknowledged() > 0) stillMs = 0;
  }
  if (stillMs < STILL_MS) world.findings.push("it does not come to rest");
  process.isOver = true;
  return world;
}

function isAtRest({ queue, spool, outbox }: World): boolean {
  return queue.length === 0 && spool.size === 0 && outbox.size === 0;
}

/** Whether a line is recorded, rejected or spooled. */
function isKept(world: World, line: string): boolean {
  if (world.rejections.has(line)) return true;
  if ([...world.orders.values()].includes(line)) return true;
  return [...world.spool.values()].some(({ body }) => String(body) === line);
}

import type { RecorderStore } from "@pedidos/persistence";
import { openRecorder, type Recorder, RULES, type Rules } from "@pedidos/recording";
import { type SimulatedBroker, simulatedBroker } from "./simulated-broker.ts";
import { simulatedStore } from "./simulated-store.ts";
import { emptyWorld, type Fate, type Life, type Queued, type World } from "./simulated-world.ts";

export type SimulationOptions = {
  readonly scheduler: World["scheduler"];
  /** Orders that the broker delivers: lines of messages. */
  readonly messages: readonly (readonly string[])[];
  /** Whether somebody waits for them; left out, for every other message. */
  readonly areAwaited?: boolean;
  /** Orders that the API spooled. */
  readonly spooled: readonly string[];
  /** Of the calls, in their order; those left out are done. */
  readonly fates?: readonly Fate[];
  readonly leaseMs?: number;
  /** What an order does that kills; by default it ends the process. */
  readonly kill?: (world: World) => void;
  /** Takes a safeguard away. */
  readonly spoil?: (store: RecorderStore) => RecorderStore;
  readonly rules?: Rules;
};

export type Process = Life & { readonly recorder: Recorder; readonly broker: SimulatedBroker };

/** The shipped consumer on a world in memory. */
export type Simulation = {
  readonly world: World;
  readonly process: () => Process;
  /** Ends the process; another takes its place. */
  readonly end: () => void;
};

const log = { debug() {}, info() {}, warn() {}, error() {} };
/** Shorter than the real ones, which nobody but the database knows the length of. */
const LEASE_MS = 2_000;
const HELD_MS = 6_000;

export function openSimulation(options: SimulationOptions): Simulation {
  const {
    scheduler,
    messages,
    areAwaited,
    spooled,
    fates = [],
    leaseMs = LEASE_MS,
    kill = end,
    spoil,
    rules = RULES,
  } = options;
  const world: World = {
    ...emptyWorld(scheduler),
    fates: fates.toReversed(),
    leaseMs,
    heldUntil: performance.now() + HELD_MS,
    queue: messages.map((lines, index) => ({
      body: Buffer.from(lines.join("\n")),
      contentType: lines.length > 1 ? "application/x-ndjson" : undefined,
      isAwaited: areAwaited ?? index % 2 === 0,
      wasDelivered: false,
    })),
    kill: () => kill(world),
  };
  for (const text of spooled) {
    const spoolId = world.nextId++;
    const row = { spoolId, source: "http" as const, body: Buffer.from(text) };
    world.spool.set(spoolId, {
      ...row,
      tries: 0,
      suspect: false,
      leasedUntil: null,
      claimedBy: null,
      retryAt: null,
      refusals: 0,
    });
  }
  const isSafe = ({ body }: Queued) =>
    String(body)
      .split("\n")
      .every((line) => isKept(world, line));
  const start = (): Process => {
    const life: Life = { isOver: false };
    const broker = simulatedBroker(world, life, isSafe);
    const store = simulatedStore(world, life);
    const recorder = openRecorder({ store: spoil?.(store) ?? store, broker, rules, log });
    return Object.assign(life, { recorder, broker });
  };
  let process = start();

  function end(): void {
    process.isOver = true;
    process.broker.lose();
    process = start();
  }
  return { world, process: () => process, end };
}

/** Whether a line is recorded, rejected or spooled. */
function isKept(world: World, line: string): boolean {
  if (world.rejections.has(line)) return true;
  if ([...world.orders.values()].includes(line)) return true;
  return [...world.spool.values()].some(({ body }) => String(body) === line);
}

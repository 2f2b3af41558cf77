import { setTimeout as wait } from "node:timers/promises";
import { checkWhenIdle } from "./await-idle.ts";
import { checkHistory } from "./check-history.ts";
import type { History, Operation, Tables } from "./history.ts";
import { healSystem, injectFault } from "./inject-fault.ts";
import { type Fault, type ProcessName, planFaults } from "./plan-faults.ts";
import { type ClientsOptions, runClients } from "./run-clients.ts";
import { type FaultSystemOptions, startFaultSystem } from "./start-fault-system.ts";
import type { Verdict } from "./verdict.ts";
import { watchEvents } from "./watch-events.ts";

export type FaultRunOptions = FaultSystemOptions & {
  readonly seed: number;
  readonly durationMs: number;
  /** Heals only one API, one consumer and the servers, and leaves the others frozen for good. */
  readonly liveness?: boolean;
  /** The faults to make, if not those of the seed. */
  readonly plan?: readonly Fault[];
  readonly clients?: ClientsOptions["clients"];
  /** How long the system may take to become idle once it is healed. Default 60 s. */
  readonly idleLimitMs?: number;
  readonly log?: (line: string) => void;
};

export type FaultRun = {
  readonly verdict: Verdict;
  readonly history: History;
  readonly tables: Tables;
  /** Faults that were made, by kind and target. */
  readonly faults: Readonly<Record<string, number>>;
  /** From the healing until nothing was pending any more. */
  readonly idleAfterMs: number;
};

/** What is frozen in the liveness mode: half of the processes. */
const LEFT_FROZEN: readonly ProcessName[] = ["api2", "consumer2"];
const IDLE_LIMIT_MS = 60_000;
const LAST_ANSWERS_MS = 45_000;

/** Starts a system, submits orders to it while it is broken by a seeded schedule, heals it, and checks the history. */
export async function runFaults(options: FaultRunOptions): Promise<FaultRun> {
  const { seed, durationMs, liveness = false, log = () => {} } = options;
  const system = await startFaultSystem(options);
  try {
    const operations: Operation[] = [];
    const watched = await watchEvents(system.amqpUrl);
    // A broker that is killed within a second of a quorum queue's declaration may lose the queue.
    await wait(1_500);
    const clients = runClients({
      seed,
      apis: [system.apps.api1, system.apps.api2],
      amqpUrl: system.amqpUrl,
      record: (operation) => void operations.push(operation),
      ...(options.clients && { clients: options.clients }),
    });
    log(`seed ${seed}: all is up, ${durationMs / 1_000} s of load and faults`);
    const faults = await makeFaults(options.plan ?? planFaults({ seed, durationMs }), durationMs, (fault) => {
      log(`${(fault.atMs / 1_000).toFixed(1)} s ${fault.kind} ${fault.target} for ${fault.forMs} ms`);
      return injectFault(system, fault, clients);
    });
    const sparing = liveness ? LEFT_FROZEN : [];
    for (const name of sparing) if (name === "api2" || name === "consumer2") system.apps[name].freeze();
    log("healing");
    await healSystem(system, { sparing });
    const healedAt = Date.now();
    await clients.stop(liveness ? 10_000 : LAST_ANSWERS_MS);
    const history = { operations, events: watched.events, badEnds: system.badEnds };
    const deadline = healedAt + (options.idleLimitMs ?? IDLE_LIMIT_MS);
    const { verdict, tables, idleAt } = await checkWhenIdle(system, deadline, (read) => checkHistory(history, read));
    await watched.close();
    return { verdict, history, tables, faults, idleAfterMs: idleAt - healedAt };
  } finally {
    await system.remove();
  }
}

async function makeFaults(
  plan: readonly Fault[],
  durationMs: number,
  make: (fault: Fault) => Promise<"done" | "skipped">,
): Promise<Record<string, number>> {
  const began = Date.now();
  const made: Record<string, number> = {};
  const running: Promise<void>[] = [];
  const failures: unknown[] = [];
  // On a slow machine the last fault of a target may still last.
  const busy = new Set<string>();
  for (const fault of plan) {
    await wait(Math.max(0, began + fault.atMs - Date.now()));
    const { kind, target } = fault;
    const name = `${kind} ${target.replace(/\d/, "")}`;
    if (busy.has(target)) {
      made[`${name} (skipped)`] = (made[`${name} (skipped)`] ?? 0) + 1;
      continue;
    }
    busy.add(target);
    const one = make(fault).then(
      (outcome) => {
        const counted = outcome === "done" ? name : `${name} (skipped)`;
        made[counted] = (made[counted] ?? 0) + 1;
        busy.delete(target);
      },
      (error: unknown) => void failures.push(error),
    );
    running.push(one);
  }
  await wait(Math.max(0, began + durationMs - Date.now()));
  await Promise.all(running);
  if (failures.length > 0) throw new AggregateError(failures, "a fault could not be made");
  return made;
}

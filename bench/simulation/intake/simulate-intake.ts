import type { IncomingOrder } from "@pedidos/domain";
import { type Acceptance, type IntakeRoads, openIntake } from "@pedidos/intake";
import type { Scheduler } from "fast-check";
import { vi } from "vitest";
import { settle } from "../settle.ts";
import { type Spoilt, simulatedBroker } from "./simulated-broker.ts";
import { simulatedSpool } from "./simulated-spool.ts";
import type { Fate, Fault, World } from "./simulated-world.ts";

/** What a simulation is made of: everything else follows from it. */
export type Scenario = {
  readonly scheduler: Scheduler;
  /** How many orders each sender sends, and before which step. */
  readonly arrivals: readonly (readonly [beforeStep: number, orders: number])[];
  readonly faults: readonly (readonly [beforeStep: number, Fault])[];
  readonly publishFates: readonly Fate[];
  readonly commitFates: readonly Fate[];
  /** How many milliseconds pass before a step, by its number; time passes by itself if nothing else can happen. */
  readonly pauses: readonly number[];
  /** How many messages may be unconfirmed. */
  readonly window: number;
  /** Takes a safeguard away. */
  readonly spoil?: Spoilt & { readonly roads?: (roads: IntakeRoads) => IntakeRoads };
};

/** What became of it: how each was answered, and the promises that were broken. */
export type Ending = { readonly answers: readonly Acceptance[]; readonly findings: readonly string[] };

const MOST_STEPS = 2_000;
const PASSING_MS = 25;
/** Nothing waits any more, and nothing has come of it in this time. */
const STILL_MS = 6_000;
/** In which intake answers. */
const PROMISED_MS = 2_000;
/** What may be under way on each road, and how many orders together. */
const PUBLISHING = { runs: 64, orders: 64 };
const SPOOLING = { runs: 2, orders: 512 };
const log = { info() {}, warn() {} };

/** Runs the shipped intake and its window of unconfirmed messages, one step at a time, in the scheduler's order. */
export async function simulateIntake(scenario: Scenario): Promise<Ending> {
  const { scheduler, arrivals, faults, pauses, window, spoil = {} } = scenario;
  const world: World = {
    scheduler,
    publishFates: [...scenario.publishFates],
    commitFates: [...scenario.commitFates],
    queued: new Set(),
    spooled: new Set(),
    findings: [],
  };
  const { findings } = world;
  const broker = simulatedBroker(world, window, spoil);
  const database = simulatedSpool(world);
  const roads = {
    publish: watched(findings, PUBLISHING, broker.publish),
    spool: watched(findings, SPOOLING, database.spool),
  };
  const intake = openIntake(spoil.roads?.(roads) ?? roads, log);

  const answers: Acceptance[] = [];
  let [handedIn, isEnding, isEnded] = [0, false, false];
  function handIn(orders: number): void {
    const bodies = Array.from({ length: orders }, (_, index) => Buffer.from(`order ${handedIn}.${index}`));
    const since = performance.now();
    handedIn++;
    intake.accept(bodies.map((body) => ({ body, source: "http" }))).then(
      (answer) => {
        answers.push(answer);
        if (performance.now() - since > PROMISED_MS) findings.push("answered too late");
        const isKept = (body: Buffer) => world.queued.has(`${body}`) || world.spooled.has(`${body}`);
        if (answer === "accepted" && !bodies.every(isKept)) findings.push("accepted, and nothing durable holds it");
      },
      () => findings.push("intake failed"),
    );
  }
  function inject(fault: Fault): void {
    if (fault === "connection_lost") broker.lose();
    else if (fault === "blocked" || fault === "silent") broker.stall(fault);
    else if (fault === "unbound") broker.unbind();
    else if (fault === "database_away") database.stall("away");
    else if (fault === "database_silent") database.stall("silent");
    else if (!isEnding) {
      isEnding = true;
      void broker.end().then(() => {
        isEnded = true;
      });
    }
  }
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= PASSING_MS) {
      vi.advanceTimersByTime(Math.min(left, PASSING_MS));
      await settle();
    }
  }

  let stillMs = 0;
  for (let step = 0; step < MOST_STEPS && stillMs < STILL_MS; step++) {
    for (const [at, fault] of faults) if (at === step) inject(fault);
    for (const [at, orders] of arrivals) if (at === step) handIn(orders);
    await pass(pauses[step] ?? 0);
    await settle();
    if (broker.unconfirmed() > window) findings.push("more unconfirmed than the window allows");
    const isBusy = scheduler.count() > 0 || [...faults, ...arrivals].some(([at]) => at >= step);
    stillMs = isBusy ? 0 : stillMs + PASSING_MS;
    if (scheduler.count() > 0) await scheduler.waitOne();
    else await pass(PASSING_MS);
  }
  if (answers.length < handedIn) findings.push("not answered");
  if (isEnding && !isEnded) findings.push("closing does not end");
  if (vi.getTimerCount() > 0) findings.push("timers are left");
  vi.clearAllTimers();
  return { answers, findings };
}

/** A road that reports when more is in flight on it than may be, or more orders than may go together. */
function watched<Outcome>(
  findings: string[],
  most: { readonly runs: number; readonly orders: number },
  run: (orders: readonly IncomingOrder[]) => Promise<Outcome>,
): (orders: readonly IncomingOrder[]) => Promise<Outcome> {
  let runs = 0;
  return async (orders) => {
    if (++runs > most.runs) findings.push(`more than ${most.runs} in flight on a road`);
    if (orders.length > most.orders) findings.push(`more than ${most.orders} orders together`);
    return await run(orders).finally(() => runs--);
  };
}

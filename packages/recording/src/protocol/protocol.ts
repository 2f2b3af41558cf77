import type { Failure, Interrupted } from "@pedidos/persistence";

/**
 * The protocol of recording, as one machine: what may be done now, and what an event calls for. It is pure; the loops
 * report events to it and perform the effects it answers with. `bench/models/quarantine.pml` and `outage.pml` are its
 * models.
 *
 * - Batches are recorded together. What must be tried alone waits until nothing else is in flight.
 * - In an outage nothing is started. After 5 s the unacknowledged messages are handed back to the broker. The database
 *   is probed, one probe at a time, by what recording does. Once a probe has passed and nothing is in flight, all
 *   stalled lines are released to the spool, and recording goes on.
 * - A line that was in flight when a connection was lost is tried alone next; of a line that was alone already that try
 *   counts, for it may be what ends the database. An *answer*, with any error, is no try.
 */
export type State<Held> = {
  /** Undefined until the database has said so once. */
  readonly isPaused: boolean | undefined;
  readonly isStopping: boolean;
  /** Batches in flight. */
  readonly batches: number;
  /** Whether something is to be tried alone: it waits for what is in flight, and everything else waits for it. */
  readonly alone: "no" | "reserved" | "tried";
  readonly outage: OutageState<Held> | undefined;
  /** When the database last recorded, or passed a probe. */
  readonly provenAt: number;
  /** Whether a probe is in flight, or about to be. */
  readonly isProbing: boolean;
  /** How many outages by an answer ended in a row without anything being recorded after them: probes promise too much. */
  readonly relapses: number;
};

export type OutageState<Held> = {
  readonly beganAt: number;
  /** Whether it began with an answer, which a probe may not get. */
  readonly isAnswered: boolean;
  readonly probes: number;
  readonly stage: "backing_off" | "handing_back" | "draining" | "giving_back";
  /** Whether the broker has got back what was not acknowledged. */
  readonly isHandedBack: boolean;
  readonly stalled: readonly Stalled<Held>[];
};

/** A line that could not be recorded, and what that says of it. */
export type Stalled<Held> = { readonly line: Held; readonly was: Interrupted };

export type Event<Held> =
  | { readonly kind: "pause_read"; readonly isPaused: boolean }
  | { readonly kind: "stopping" }
  | { readonly kind: "batch_started" }
  | { readonly kind: "batch_recorded" }
  | { readonly kind: "batch_stalled"; readonly lines: readonly Held[]; readonly failure: Failure }
  | { readonly kind: "alone_wanted" }
  | { readonly kind: "alone_started" }
  | { readonly kind: "alone_ended" }
  | { readonly kind: "alone_stalled"; readonly lines: readonly Held[]; readonly failure: Failure }
  /** A call other than recording failed; `lines` are those that it was for, which were not tried. */
  | { readonly kind: "call_failed"; readonly lines: readonly Held[]; readonly failure: Failure }
  | { readonly kind: "probe_passed" }
  | { readonly kind: "probe_failed"; readonly failure: Failure }
  /** `rows` waited in memory, claimed and untried. */
  | { readonly kind: "handed_back"; readonly rows: readonly Held[] }
  | { readonly kind: "given_back"; readonly lines: readonly Held[] }
  | { readonly kind: "give_back_failed"; readonly failure: Failure };

export type Effect<Held> =
  | { readonly kind: "probe"; readonly inMs: number }
  /** Forget what is pending in memory, and have the broker take back what is not acknowledged. */
  | { readonly kind: "hand_back"; readonly failure: Failure }
  /** Take deliveries again. */
  | { readonly kind: "take_again" }
  /** Give rows of the spool back to it. */
  | { readonly kind: "release"; readonly lines: readonly Held[]; readonly was: Interrupted }
  /** Move lines that the broker still holds to the spool. */
  | { readonly kind: "spool"; readonly lines: readonly Held[]; readonly isSuspect: boolean }
  /** The broker has got these lines back already. */
  | { readonly kind: "drop"; readonly lines: readonly Held[] }
  | { readonly kind: "report"; readonly what: "outage" | "recovery"; readonly failure?: Failure };

/** What a broken variant changes, to show that its safeguard is needed. */
export type Rules = {
  /** Whether an error that the database answered counts as a try. */
  readonly doAnswersCount: boolean;
};
export const RULES: Rules = { doAnswersCount: false };

/** Longer outages hand deliveries back: the broker would close the channel of a consumer that holds one too long. */
const HAND_BACK_AFTER_MS = 5_000;
const PROBE_AFTER_MS = { first: 100, longest: 1_000 };
/** After a probe that promised too much. */
const LONGEST_RELAPSE_MS = 15_000;
/** An idle process probes this often: it is to know that nothing can be recorded before somebody waits for it. */
const PROVE_EVERY_MS = 5_000;

type InSpool = { readonly spoolId?: number };
type Step<Held> = readonly [State<Held>, readonly Effect<Held>[]];

export function startState<Held>(now: number): State<Held> {
  return {
    isPaused: undefined,
    isStopping: false,
    batches: 0,
    alone: "no",
    outage: undefined,
    provenAt: now,
    isProbing: false,
    relapses: 0,
  };
}

export const mayStartBatch = <Held>({ outage, alone }: State<Held>) => outage === undefined && alone === "no";
export const mayClaim = <Held>({ outage, isPaused, isStopping }: State<Held>) =>
  outage === undefined && isPaused === false && !isStopping;
export const mayTryAlone = <Held>({ outage, alone, batches }: State<Held>) =>
  outage === undefined && alone === "reserved" && batches === 0;

/** → the state after an event at a time (in milliseconds), and what is to be done. */
export function step<Held extends InSpool>(
  state: State<Held>,
  event: Event<Held>,
  now: number,
  rules: Rules = RULES,
): Step<Held> {
  switch (event.kind) {
    case "pause_read":
      return proveIfIdle({ ...state, isPaused: event.isPaused }, now);
    case "stopping":
      return [{ ...state, isStopping: true }, []];
    case "batch_started":
      return [{ ...state, batches: state.batches + 1 }, []];
    case "batch_recorded":
      return goOn({ ...state, batches: state.batches - 1, provenAt: now, relapses: 0 });
    case "batch_stalled": {
      const was = event.failure.kind === "connection_lost" || rules.doAnswersCount ? "interrupted" : "untried";
      return stall({ ...state, batches: state.batches - 1 }, event, was, now);
    }
    case "alone_wanted":
      return [mayStartBatch(state) ? { ...state, alone: "reserved" } : state, []];
    case "alone_started":
      return [{ ...state, alone: "tried" }, []];
    case "alone_ended":
      return goOn({ ...state, alone: "no" });
    case "alone_stalled": {
      const was = event.failure.kind === "connection_lost" || rules.doAnswersCount ? "tried_alone" : "interrupted";
      return stall({ ...state, alone: "no" }, event, was, now);
    }
    case "call_failed":
      return stall(state, event, "untried", now);
    case "probe_passed":
      return probePassed({ ...state, isProbing: false, provenAt: now });
    case "probe_failed":
      return probeFailed({ ...state, isProbing: false }, event.failure, now);
    case "handed_back":
      return handedBack(state, event.rows);
    case "given_back":
      return givenBack(state, event.lines);
    case "give_back_failed":
      return backOff(state);
  }
}

/** A probe if nothing has proven for a while that recording works. */
function proveIfIdle<Held>(state: State<Held>, now: number): Step<Held> {
  const isProven = now - state.provenAt < PROVE_EVERY_MS;
  if (isProven || state.outage || state.isProbing || state.isStopping || state.batches > 0) return [state, []];
  return [{ ...state, isProbing: true }, [{ kind: "probe", inMs: 0 }]];
}

/** What can't be recorded now is kept for later; if no outage is known of, one begins. */
function stall<Held extends InSpool>(
  state: State<Held>,
  { lines, failure }: { readonly lines: readonly Held[]; readonly failure: Failure },
  was: Interrupted,
  now: number,
): Step<Held> {
  const more = lines.map((line) => ({ line, was }));
  if (state.outage !== undefined)
    return goOn({ ...state, outage: { ...state.outage, stalled: [...state.outage.stalled, ...more] } });
  const isAnswered = failure.kind !== "connection_lost";
  const begun = { beganAt: now, isAnswered, probes: 0, isHandedBack: false, stalled: more };
  const [next, effects] = backOff({ ...state, outage: { ...begun, stage: "backing_off" } });
  return [next, [{ kind: "report", what: "outage", failure }, ...effects]];
}

/** Waits for the next probe, the longer the more have failed. */
function backOff<Held>(state: State<Held>): Step<Held> {
  const { outage, relapses, isProbing } = state;
  if (outage === undefined) return [state, []];
  const next: State<Held> = { ...state, isProbing: true, outage: { ...outage, stage: "backing_off" } };
  if (isProbing) return [next, []];
  const usual = Math.min(PROBE_AFTER_MS.first * 2 ** outage.probes, PROBE_AFTER_MS.longest);
  const relapsed = relapses === 0 ? 0 : Math.min(PROBE_AFTER_MS.longest * 2 ** relapses, LONGEST_RELAPSE_MS);
  return [next, [{ kind: "probe", inMs: outage.probes === 0 ? Math.max(usual, relapsed) : usual }]];
}

function probeFailed<Held extends InSpool>(state: State<Held>, failure: Failure, now: number): Step<Held> {
  const { outage } = state;
  if (outage === undefined) return stall(state, { lines: [], failure }, "untried", now);
  const next = { ...state, outage: { ...outage, probes: outage.probes + 1 } };
  if (outage.stage !== "backing_off") return [next, []];
  if (outage.isHandedBack || now - outage.beganAt < HAND_BACK_AFTER_MS) return backOff(next);
  return [{ ...next, outage: { ...next.outage, stage: "handing_back" } }, [{ kind: "hand_back", failure }]];
}

function handedBack<Held>(state: State<Held>, rows: readonly Held[]): Step<Held> {
  const { outage } = state;
  if (outage === undefined) return [state, []];
  const stalled = [...outage.stalled, ...rows.map((line) => ({ line, was: "untried" as const }))];
  return backOff({ ...state, outage: { ...outage, isHandedBack: true, stalled } });
}

function probePassed<Held extends InSpool>(state: State<Held>): Step<Held> {
  const { outage } = state;
  if (outage === undefined) return [{ ...state, relapses: 0 }, []];
  if (outage.stage !== "backing_off") return [state, []];
  return goOn({ ...state, outage: { ...outage, stage: "draining" } });
}

function givenBack<Held extends InSpool>(state: State<Held>, lines: readonly Held[]): Step<Held> {
  const { outage } = state;
  if (outage === undefined) return [state, []];
  const done = new Set(lines);
  const stalled = outage.stalled.filter(({ line }) => !done.has(line));
  return goOn({ ...state, outage: { ...outage, stalled, stage: "draining" } });
}

/** If the database records again and nothing is in flight: releases what stalled, one part after the other. */
function goOn<Held extends InSpool>(state: State<Held>): Step<Held> {
  const { outage, batches, alone } = state;
  if (outage?.stage !== "draining" || batches > 0 || alone === "tried") return [state, []];
  const effect = nextToGiveBack(outage);
  if (effect !== undefined) return [{ ...state, outage: { ...outage, stage: "giving_back" } }, [effect]];
  const report = { kind: "report", what: "recovery" } as const;
  return [
    { ...state, outage: undefined, relapses: state.relapses + (outage.isAnswered ? 1 : 0) },
    outage.isHandedBack ? [report, { kind: "take_again" }] : [report],
  ];
}

const WAYS: readonly Interrupted[] = ["untried", "interrupted", "tried_alone"];

function nextToGiveBack<Held extends InSpool>({ stalled, isHandedBack }: OutageState<Held>): Effect<Held> | undefined {
  for (const isRow of [true, false])
    for (const was of WAYS) {
      const isSuch = (one: Stalled<Held>) => one.was === was && (one.line.spoolId !== undefined) === isRow;
      const lines = stalled.filter(isSuch).map(({ line }) => line);
      if (lines.length === 0) continue;
      if (isRow) return { kind: "release", lines, was };
      return isHandedBack ? { kind: "drop", lines } : { kind: "spool", lines, isSuspect: was !== "untried" };
    }
  return undefined;
}

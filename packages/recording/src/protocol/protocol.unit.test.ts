import type { Failure, Interrupted } from "@pedidos/persistence";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Effect,
  type Event,
  mayClaim,
  mayStartBatch,
  mayTryAlone,
  type State,
  startState,
  step,
} from "./protocol.ts";

type Held = { readonly name: string; readonly spoolId?: number };
const row = (spoolId: number): Held => ({ name: `row ${spoolId}`, spoolId });
const delivered = (name: string): Held => ({ name });
const lost: Failure = { kind: "connection_lost", code: "LostConnection", isPerOrder: false };
const answered: Failure = { kind: "back_off", code: "42501", isPerOrder: false };

/** Runs events at times (in ms). → the state and all effects */
function given(...events: readonly (readonly [atMs: number, Event<Held>])[]) {
  let state = startState<Held>(0);
  const effects: Effect<Held>[] = [];
  for (const [at, event] of events) {
    const [next, asked] = step(state, event, at);
    state = next;
    effects.push(...asked);
  }
  return { state, effects };
}
const started = [0, { kind: "batch_started" }] as const;
const stalled = (failure: Failure, ...lines: Held[]) => [0, { kind: "batch_stalled", lines, failure }] as const;
const unpaused = [0, { kind: "pause_read", isPaused: false }] as const;

describe("an outage", () => {
  test("begins with a batch that can't be recorded: nothing is started or claimed, and a probe follows", () => {
    const { state, effects } = given(unpaused, started, stalled(lost, row(1)));
    expect([mayStartBatch(state), mayClaim(state), state.outage?.stalled]).toEqual([
      false,
      false,
      [{ line: row(1), was: "interrupted" }],
    ]);
    expect(effects).toEqual([
      { kind: "report", what: "outage", failure: lost },
      { kind: "probe", inMs: 100 },
    ]);
  });

  test("has one probe at a time, the later the more have failed", () => {
    const failed = [0, { kind: "probe_failed", failure: answered }] as const;
    const { effects } = given(started, started, stalled(lost), stalled(lost), failed, failed, failed, failed, failed);
    expect(effects.filter(({ kind }) => kind === "probe")).toEqual(
      [100, 200, 400, 800, 1_000, 1_000].map((inMs) => ({ kind: "probe", inMs })),
    );
  });

  test("hands back once, after 5 s", () => {
    const failed = (at: number) => [at, { kind: "probe_failed", failure: answered }] as const;
    const { state, effects } = given(
      started,
      stalled(answered, delivered("a")),
      failed(4_999),
      failed(5_000),
      [5_001, { kind: "handed_back", rows: [row(2)] }],
      failed(6_000),
      failed(60_000),
      [60_001, { kind: "probe_passed" }],
    );
    expect(effects.filter(({ kind }) => kind === "hand_back")).toHaveLength(1);
    expect(state.outage?.isHandedBack).toBe(true);
    expect(effects.at(-1)).toEqual({ kind: "release", lines: [row(2)], was: "untried" });
  });

  test("ends when all is released, one part after the other, once nothing is in flight", () => {
    const passed = [9, { kind: "probe_passed" }] as const;
    const before = given(started, started, stalled(lost, row(1), delivered("a")), passed);
    expect(before.effects.at(-1)).toEqual({ kind: "probe", inMs: 100 });
    const after = given(
      started,
      started,
      stalled(lost, row(1), delivered("a")),
      passed,
      [10, { kind: "batch_recorded" }],
      [11, { kind: "given_back", lines: [row(1)] }],
    );
    expect(after.effects.at(-1)).toEqual({ kind: "release", lines: [row(1)], was: "interrupted" });
  });

  test("by answers that a probe does not get comes back ever later", () => {
    let state = startState<Held>(0);
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (const event of [
        { kind: "batch_started" },
        { kind: "batch_stalled", lines: [], failure: answered },
        { kind: "probe_passed" },
      ] satisfies Event<Held>[]) {
        const [next, effects] = step(state, event, 0);
        state = next;
        for (const effect of effects) if (effect.kind === "probe") waits.push(effect.inMs);
      }
    }
    expect(waits).toEqual([100, 2_000, 4_000, 8_000, 15_000, 15_000]);
    [state] = step(step(state, { kind: "batch_started" }, 0)[0], { kind: "batch_recorded" }, 0);
    expect(state.relapses).toBe(0);
  });
});

describe("what stalled", () => {
  test.each<[string, Failure, "together" | "alone", Interrupted]>([
    ["together, the connection lost: tried alone next", lost, "together", "interrupted"],
    ["together, answered: as if it had not been tried", answered, "together", "untried"],
    ["alone, the connection lost: that try counts", lost, "alone", "tried_alone"],
    ["alone, answered: it stays a suspect, and the try does not count", answered, "alone", "interrupted"],
  ])("%s", (_, failure, how, was) => {
    const lines = [row(1)];
    const { state } =
      how === "together"
        ? given(started, [0, { kind: "batch_stalled", lines, failure }])
        : given(
            [0, { kind: "alone_wanted" }],
            [0, { kind: "alone_started" }],
            [0, { kind: "alone_stalled", lines, failure }],
          );
    expect(state.outage?.stalled).toEqual([{ line: row(1), was }]);
  });
});

test("alone: everything else waits for it, and it for what is in flight", () => {
  const { state } = given(started, [0, { kind: "alone_wanted" }]);
  expect([mayStartBatch(state), mayTryAlone(state)]).toEqual([false, false]);
  expect(mayTryAlone(step(state, { kind: "batch_recorded" }, 1)[0])).toBe(true);
});

test("nothing is claimed until it is known that it is not paused, nor while it is, nor after the stop", () => {
  expect(mayClaim(given().state)).toBe(false);
  expect(mayClaim(given(unpaused).state)).toBe(true);
  expect(mayClaim(given(unpaused, [1, { kind: "pause_read", isPaused: true }]).state)).toBe(false);
  expect(mayClaim(given(unpaused, [1, { kind: "stopping" }]).state)).toBe(false);
});

test("an idle process probes every 5 s, and finds an outage so", () => {
  const read = (at: number) => [at, { kind: "pause_read", isPaused: false }] as const;
  const { effects, state } = given(read(4_999), read(5_000), read(6_000), [
    6_100,
    { kind: "probe_failed", failure: answered },
  ]);
  expect(effects.map(({ kind }) => kind)).toEqual(["probe", "report", "probe"]);
  expect(state.outage).toBeDefined();
});

/** Performs what is asked for by chance, as the loops would, until nothing is pending. */
const commands = fc.array(
  fc.record({ pick: fc.nat(5), failure: fc.constantFrom(lost, answered), fails: fc.boolean() }),
  {
    maxLength: 60,
  },
);

test("for any events in any order, each line that stalls is released once, and recording goes on", () => {
  fc.assert(
    fc.property(commands, (chosen) => {
      let state: State<Held> = startState(0);
      const pending: Effect<Held>[] = [];
      const stalledLines = new Set<Held>();
      const settled: Held[] = [];
      let [now, nextId] = [0, 1];
      const report = (event: Event<Held>) => {
        now += 700;
        const [next, effects] = step(state, event, now);
        state = next;
        pending.push(...effects.filter(({ kind }) => kind !== "report" && kind !== "take_again"));
        expect(pending.filter(({ kind }) => kind === "probe").length).toBeLessThanOrEqual(1);
      };
      const perform = (fails: boolean) => {
        const effect = pending.shift();
        if (effect?.kind === "probe")
          report(fails ? { kind: "probe_failed", failure: answered } : { kind: "probe_passed" });
        else if (effect?.kind === "hand_back") report({ kind: "handed_back", rows: [] });
        else if (effect !== undefined && "lines" in effect) {
          expect(state.batches).toBe(0);
          if (!fails) settled.push(...effect.lines);
          report(fails ? { kind: "give_back_failed", failure: lost } : { kind: "given_back", lines: effect.lines });
        }
      };
      for (const { pick, failure, fails } of chosen) {
        if (pick < 2) perform(fails);
        else if (pick === 2 && mayStartBatch(state)) report({ kind: "batch_started" });
        else if (pick === 3 && state.batches > 0) report({ kind: "batch_recorded" });
        else if (pick === 4 && state.batches > 0) {
          const lines = [row(nextId++), delivered(`${nextId}`)];
          for (const line of lines) stalledLines.add(line);
          report({ kind: "batch_stalled", lines, failure });
        } else if (pick === 5 && mayTryAlone(state)) report({ kind: "alone_started" });
        else if (pick === 5) report({ kind: "alone_wanted" });
      }
      if (state.alone !== "no") report({ kind: "alone_ended" });
      while (state.batches > 0) report({ kind: "batch_recorded" });
      for (let more = 0; more < 50 && pending.length > 0; more++) perform(false);
      expect(state.outage).toBeUndefined();
      expect([...settled].sort((a, b) => a.name.localeCompare(b.name))).toEqual(
        [...stalledLines].sort((a, b) => a.name.localeCompare(b.name)),
      );
    }),
  );
});

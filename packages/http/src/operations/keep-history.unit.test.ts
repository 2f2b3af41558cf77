import { expect, test } from "vitest";
import { keepHistory } from "./keep-history.ts";

function setUp() {
  const state = { now: Date.parse("2026-11-24T12:00:00Z"), accepted: 100, horizon: 0, isAway: false };
  state.horizon = state.now;
  const history = keepHistory(
    {
      accepted: () => state.accepted,
      horizon: async () => {
        if (state.isAway) throw new Error("away");
        return new Date(state.horizon).toISOString();
      },
      // Ten a second, and a rejection.
      count: async ({ from, before }) => {
        const seconds = (Date.parse(before) - Date.parse(from)) / 1_000;
        return { recorded: seconds * 10, rejected: seconds };
      },
    },
    () => state.now,
  );
  const pass = async (seconds: number) => {
    state.now += seconds * 1_000;
    await history.sample();
  };
  return { state, history, pass };
}

test("each sample has what came since the last one, a second", async () => {
  const { state, history, pass } = setUp();
  await history.sample();
  expect(history.read()).toEqual([]);
  state.accepted += 50;
  state.horizon += 4_000;
  await pass(5);
  expect(history.read()).toEqual([{ at: state.now, accepted: 10, recorded: 8, rejected: 0.8 }]);
});

test("where the database is away nothing is known, and later nothing is left out", async () => {
  const { state, history, pass } = setUp();
  await history.sample();
  state.isAway = true;
  await pass(5);
  state.isAway = false;
  state.horizon += 10_000;
  await pass(5);
  expect(history.read().map(({ recorded }) => recorded)).toEqual([null, 10]);
});

test("where nothing is recorded the horizon stands still; it holds 15 minutes and no more", async () => {
  const { state, history, pass } = setUp();
  await history.sample();
  await pass(5);
  expect(history.read()).toEqual([{ at: state.now, accepted: 0, recorded: 0, rejected: 0 }]);
  for (let n = 0; n < 300; n++) await pass(5);
  expect(history.read()).toHaveLength(180);
});

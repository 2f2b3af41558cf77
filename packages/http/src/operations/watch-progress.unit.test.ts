import { expect, test } from "vitest";
import { watchProgress } from "./watch-progress.ts";

const idle = { settled: 0, waiting: 0 };
const stuck = { settled: 0, waiting: 7 };

/** → since when nothing was settled, after each of these samples, five seconds apart. */
function follow(...samples: readonly { settled: number | null; waiting: number | null }[]) {
  const { note, stalledSince } = watchProgress();
  return samples.map((sample, index) => {
    note({ at: index * 5_000, ...sample });
    return stalledSince();
  });
}

test("nothing settled while something waits: since the first time that it was seen to wait", () => {
  expect(follow(idle, stuck, stuck, { settled: 0, waiting: 9 })).toEqual([null, null, 5_000, 5_000]);
});

test.each([
  ["something is settled", { settled: 3, waiting: 9 }],
  ["nothing waits any more", idle],
  ["less waits, as of a file that is sent twice nothing is new", { settled: 0, waiting: 6 }],
])("it ends when %s", (_, sample) => {
  expect(follow(stuck, stuck, sample)).toEqual([null, 0, null]);
});

test("a database that does not say what it has recorded, as its tables are locked, is no progress", () => {
  expect(follow(stuck, { settled: null, waiting: 7 }, { settled: null, waiting: null })).toEqual([null, 0, 0]);
});

test("where it is not known that anything waits, nothing is claimed", () => {
  expect(follow({ settled: 0, waiting: null }, { settled: null, waiting: null })).toEqual([null, null]);
});

import { expect, test } from "vitest";
import { openVolumes } from "./open-volumes.ts";

const sums = { recorded: 1, totalValue: "1.00", rejected: 0 };

test("each bucket is summed once; the one that is not over, and one that failed, again", async () => {
  const asked: string[] = [];
  let [before, fails] = ["2026-11-24T12:30:10.000000Z", true];
  const volumes = openVolumes({
    horizon: async () => before,
    sum: async ({ from, before }) => {
      asked.push(`${from.slice(11, 16)}-${before.slice(11, 19)}`);
      if (fails && from.includes("12:28")) throw new Error("takes too long");
      return sums;
    },
  });
  const first = await volumes.read("hour");
  expect([first.buckets.length, first.buckets[0]?.from, first.buckets.at(-3)?.counts]).toEqual([
    60,
    "2026-11-24T11:31:00.000Z",
    null,
  ]);
  expect(asked.slice(0, 2)).toEqual(["12:30-12:30:10", "12:29-12:30:00"]);
  asked.length = 0;
  [before, fails] = ["2026-11-24T12:31:05.000000Z", false];
  const second = await volumes.read("hour");
  expect(asked).toEqual(["12:31-12:31:05", "12:30-12:31:00", "12:28-12:29:00"]);
  expect(second.buckets.every(({ counts }) => counts !== null)).toBe(true);
});

test("a reading sums for two seconds at most, and the next goes on; many who ask share one", async () => {
  let [clock, asked] = [0, 0];
  const volumes = openVolumes(
    {
      horizon: async () => "2026-11-24T12:30:10.000000Z",
      async sum() {
        [clock, asked] = [clock + 100, asked + 1];
        return sums;
      },
    },
    () => clock,
  );
  const [first, same] = await Promise.all([volumes.read("week"), volumes.read("week")]);
  expect(same).toBe(first);
  expect([asked, first.buckets.filter(({ counts }) => counts !== null).length]).toEqual([20, 20]);
  const second = await volumes.read("week");
  expect(second.buckets.filter(({ counts }) => counts !== null).length).toBe(39);
});

import { expect, test } from "vitest";
import { drawPlot } from "./draw-plot.ts";
import { type Figure, measured, median, meets, percentile } from "./figures.ts";
import { writeTable } from "./write-table.ts";

const rate: Figure = {
  name: "drain <64>",
  unit: "orders/s",
  values: [50, 60, 90],
  baseline: { name: "floor", values: [100, 100, 100] },
  target: { atLeast: 0.5 },
};
const delay: Figure = { name: "ready", unit: "ms", values: [3_000], target: { atMost: 2_000 }, note: "on a slow disk" };

test("medians and percentiles", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([percentile(hundred, 0.99), percentile([7], 0.99)]).toEqual([100, 7]);
});

test("a ratio is the median of the rounds' ratios, or of the medians where the rounds differ", () => {
  expect(measured({ ...rate, baseline: { name: "floor", values: [100, 200, 100] } })).toBe(0.5);
  expect(measured({ ...rate, baseline: { name: "floor", values: [120] } })).toBe(0.5);
  expect(measured(delay)).toBe(3_000);
});

test("a target is met, missed, or missed by more than half", () => {
  expect([
    meets(rate),
    meets({ ...rate, target: { atLeast: 1 } }),
    meets({ ...rate, target: { atLeast: 1 } }, 2),
  ]).toEqual([true, false, true]);
  expect([meets(delay), meets(delay, 2), meets({ ...delay, values: [4_001] }, 2)]).toEqual([false, true, false]);
  const { target: _, ...untargeted } = delay;
  expect(meets(untargeted)).toBeUndefined();
});

test("what could not be measured meets nothing", () => {
  expect([meets({ ...rate, values: [] }), meets({ ...delay, values: [Number.NaN] })]).toEqual([false, false]);
});

test("the table has a line for each figure, and says what was missed", () => {
  const [, , first, second, , note] = writeTable([rate, delay]).split("\n");
  expect(first).toMatch(/drain <64> +\| 60 orders\/s \| 50–90 \| 100 \(floor\) \| 0.6 \(0.5–0.9\) \| ≥ 0.5 +\| met/);
  expect(second).toMatch(/ready .*\| 3000 ms .*\| ≤ 2000 \| missed/);
  expect(note).toBe("- ready: on a slow disk");
});

test("the plot shows what has a target, as XML", () => {
  const plot = drawPlot([rate, delay, { name: "no target", unit: "ms", values: [1] }], "a & b");
  expect(plot).toContain("drain &lt;64>");
  expect(plot).toContain("a &amp; b");
  expect(plot).not.toContain("no target");
  expect(plot).not.toContain("NaN");
});

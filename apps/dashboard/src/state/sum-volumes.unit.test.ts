import type { Volumes } from "@pedidos/contract";
import { expect, test } from "vitest";
import { beginOfDay, sumVolumes } from "./sum-volumes.ts";

const counts = (recorded: number, totalValue: string) => ({ recorded, totalValue, rejected: 1 });
const volumes: Volumes = {
  range: "day",
  bucketSeconds: 900,
  buckets: [
    { from: "2026-11-24T11:45:00.000Z", counts: null },
    { from: "2026-11-24T12:00:00.000Z", counts: counts(2, "99999999999999999999.9999") },
    { from: "2026-11-24T12:15:00.000Z", counts: counts(3, "0.0001") },
  ],
};

test("buckets are summed exactly, and it is said if one is not known", () => {
  const sums = { recorded: 5, rejected: 2, totalValue: "100000000000000000000.00" };
  expect(sumVolumes(volumes)).toEqual({ ...sums, isComplete: false });
  expect(sumVolumes(volumes, Date.parse("2026-11-24T12:00:00Z"))).toEqual({ ...sums, isComplete: true });
});

test("a day begins at the reader's midnight", () => {
  expect(beginOfDay(new Date(2026, 10, 24, 13, 14))).toBe(new Date(2026, 10, 24).getTime());
});

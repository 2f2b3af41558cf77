import type { Volumes } from "@pedidos/contract";
import { formatUnits, unitsOfDecimal } from "@pedidos/domain";

export type VolumeTotals = {
  readonly recorded: number;
  readonly rejected: number;
  /** An exact decimal. */
  readonly totalValue: string;
  /** Whether all of it is known yet. */
  readonly isComplete: boolean;
};

/** → what buckets come to, from a time on. */
export function sumVolumes({ buckets }: Volumes, sinceMs = Number.NEGATIVE_INFINITY): VolumeTotals {
  let [recorded, rejected, units, isComplete] = [0, 0, 0n, true];
  for (const { from, counts } of buckets) {
    if (Date.parse(from) < sinceMs) continue;
    isComplete &&= counts !== null;
    recorded += counts?.recorded ?? 0;
    rejected += counts?.rejected ?? 0;
    units += unitsOfDecimal(counts?.totalValue ?? "0");
  }
  return { recorded, rejected, totalValue: formatUnits(units), isComplete };
}

/** → when the day of a time began, by the reader's clock. */
export function beginOfDay(now: Date): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
}

import type { RateSample, Volumes } from "@pedidos/contract";

export const lineNames = ["accepted", "recorded", "rejected"] as const;
export type LineName = (typeof lineNames)[number];

/** What is drawn at a time: a figure for each line; null if it is not known. */
export type PlotPoint = { readonly atMs: number } & { readonly [Name in LineName]: number | null };

/** → the points of rates, with one of nothing where this instance was not there: the lines have a gap. */
export function pointsOfRates(history: readonly RateSample[], sampleSeconds: number): readonly PlotPoint[] {
  const points: PlotPoint[] = [];
  for (const { at, accepted, recorded, rejected } of history) {
    const atMs = Date.parse(at);
    const before = points.at(-1);
    if (before !== undefined && atMs - before.atMs > 3_000 * sampleSeconds)
      points.push({ atMs: before.atMs + sampleSeconds * 1_000, accepted: null, recorded: null, rejected: null });
    points.push({ atMs, accepted, recorded, rejected });
  }
  return points;
}

/** → the points of buckets, each at its begin. What was accepted is nowhere kept. */
export function pointsOfVolumes({ buckets }: Volumes): readonly PlotPoint[] {
  return buckets.map(({ from, counts }) => ({
    atMs: Date.parse(from),
    accepted: null,
    recorded: counts?.recorded ?? null,
    rejected: counts?.rejected ?? null,
  }));
}

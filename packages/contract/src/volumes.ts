import * as Type from "typebox";
import { count, money, nullable, oneOf, type Static, time } from "./fields.ts";

/** Ranges that volumes are given of, each in buckets of so many seconds. A day is 25 hours, the longest that there is. */
export const volumeRanges = {
  hour: { bucketSeconds: 60, buckets: 60 },
  day: { bucketSeconds: 15 * 60, buckets: 100 },
  week: { bucketSeconds: 60 * 60, buckets: 168 },
} as const;
export type VolumeRange = keyof typeof volumeRanges;
export const volumeRangeNames = ["hour", "day", "week"] as const satisfies readonly VolumeRange[];

const known = nullable(
  Type.Object({ recorded: count, totalValue: money("The exact sum of their totals."), rejected: count }),
  { description: "Null while it is not known: it takes the database too long, or is asked for next time." },
);

export const Volumes = Type.Object(
  {
    range: oneOf(volumeRangeNames),
    bucketSeconds: Type.Integer({ minimum: 1 }),
    buckets: Type.Array(Type.Object({ from: time("Its begin, by the database's clock."), counts: known }), {
      description: "Oldest first; the last is not over yet.",
    }),
  },
  {
    $id: "Volumes",
    examples: [
      {
        range: "hour",
        bucketSeconds: 60,
        buckets: [
          { from: "2026-11-24T12:00:00.000Z", counts: { recorded: 2, totalValue: "240.00", rejected: 0 } },
          { from: "2026-11-24T12:01:00.000Z", counts: null },
        ],
      },
    ],
  },
);
export type Volumes = Static<typeof Volumes>;

import type { ChangeCounts } from "@pedidos/persistence";
import type { KnownHorizon } from "../changes/require-horizon.ts";

/** One stretch of time: its end, in milliseconds since 1970, and orders a second in it; null: not known. */
export type RateSample = {
  readonly at: number;
  readonly accepted: number;
  readonly recorded: number | null;
  readonly rejected: number | null;
};

export type RateSource = {
  /** Orders accepted by this process since it started. */
  readonly accepted: () => number;
  readonly horizon: KnownHorizon;
  readonly count: (period: { readonly from: string; readonly before: string }) => Promise<ChangeCounts>;
};

const HISTORY_MS = 15 * 60_000;
/** So long it waits for the transactions that are under way when it looks, so that the newest orders count at once. */
const PATIENCE_MS = 200;

const UNKNOWN = { recorded: null, rejected: null };

/** Keeps the rates of the last 15 minutes; each look adds a sample. */
export function keepHistory({ accepted, horizon, count }: RateSource, now = Date.now) {
  let samples: RateSample[] = [];
  let last: { readonly at: number; readonly accepted: number } | undefined;
  let counted: { readonly at: number; readonly before: string } | undefined;

  /** → what became visible since the last look that could be made, a second. */
  async function countChanges(at: number): Promise<Pick<RateSample, "recorded" | "rejected">> {
    const before = await horizon(PATIENCE_MS);
    const from = counted;
    const seconds = from === undefined ? 0 : (at - from.at) / 1_000;
    if (from === undefined || seconds <= 0) {
      counted ??= { at, before };
      return UNKNOWN;
    }
    const { recorded, rejected } = await count({ from: from.before, before });
    counted = { at, before };
    return { recorded: recorded / seconds, rejected: rejected / seconds };
  }

  return {
    async look(): Promise<void> {
      const [at, total] = [now(), accepted()];
      const counts = await countChanges(at).catch(() => UNKNOWN);
      if (last !== undefined && at > last.at)
        samples.push({ at, accepted: ((total - last.accepted) * 1_000) / (at - last.at), ...counts });
      last = { at, accepted: total };
      samples = samples.filter((sample) => sample.at > at - HISTORY_MS);
    },
    read: (): readonly RateSample[] => samples,
  };
}

import type { ChangeCounts } from "@pedidos/persistence";
import type { KnownHorizon } from "../open-store.ts";

/** A range of time: its end, in milliseconds since 1970, and orders a second in it; null: not known. */
type RateSample = {
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
/** How long a sample waits for the transactions that are recording, so that the newest orders count at once. */
const MAX_WAIT_MS = 200;

const UNKNOWN = { recorded: null, rejected: null };

/** Keeps the rates of the last 15 minutes. */
export function keepHistory({ accepted, horizon, count }: RateSource, now = Date.now) {
  let samples: RateSample[] = [];
  let last: { readonly at: number; readonly accepted: number } | undefined;
  let counted: { readonly at: number; readonly before: string } | undefined;

  /** → what became visible since the last time that the database answered, a second. */
  async function countChanges(at: number): Promise<Pick<RateSample, "recorded" | "rejected">> {
    const before = await horizon(MAX_WAIT_MS);
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
    async sample(): Promise<void> {
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

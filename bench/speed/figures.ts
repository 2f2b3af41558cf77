/** A figure of the table: measured several times, beside a baseline in the same run if it has one. */
export type Figure = {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  /** What it is compared with. Values of one position were measured one after the other. */
  readonly baseline?: { readonly name: string; readonly values: readonly number[] };
  readonly target?: Target;
  /** What else is worth knowing, in few words. */
  readonly note?: string;
  /** Whether there is no noise in it, so that CI fails on it at the target, not at half of it. */
  readonly isExact?: boolean;
};

/** On the ratio to the baseline; without a baseline, on the value. */
type Target =
  | { readonly atLeast: number; readonly atMost?: never }
  | { readonly atMost: number; readonly atLeast?: never };

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The ratios of what was measured one after the other; if the counts differ, of the medians. */
export function ratiosOf({ values, baseline }: Figure): number[] {
  if (baseline === undefined) return [];
  if (baseline.values.length !== values.length) return [median(values) / median(baseline.values)];
  return values.map((value, index) => value / (baseline.values[index] ?? Number.NaN));
}

/** What the target speaks of: the median ratio, or the median value without a baseline. */
export function measured(figure: Figure): number {
  return median(figure.baseline === undefined ? figure.values : ratiosOf(figure));
}

/**
 * Whether a figure meets its target; undefined without one.
 *
 * @param slack 1: the target itself; 2: a ratio that is half as good is still let pass
 */
export function meets(figure: Figure, slack = 1): boolean | undefined {
  const { target } = figure;
  if (target === undefined) return undefined;
  const value = measured(figure);
  return target.atLeast !== undefined ? value * slack >= target.atLeast : value <= target.atMost * slack;
}

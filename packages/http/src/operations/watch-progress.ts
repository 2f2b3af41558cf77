/** What was seen at a time, in milliseconds since 1970; null: not known. */
export type ProgressSample = {
  readonly at: number;
  /** How many orders were recorded or rejected since the sample before. */
  readonly settled: number | null;
  /** How much waits to be recorded. */
  readonly waiting: number | null;
};

/**
 * Follows whether anything is recorded while something waits. Of what is recorded already and comes again nothing is
 * recorded; but less and less of it waits.
 */
export function watchProgress() {
  let waited = 0;
  let stuck: { readonly since: number; readonly isConfirmed: boolean } | undefined;
  return {
    note({ at, settled, waiting }: ProgressSample): void {
      const isProgress = (settled ?? 0) > 0 || (waiting !== null && waiting < waited);
      waited = waiting ?? waited;
      if (waited === 0) stuck = undefined;
      // What waits at first sight may have come a moment ago.
      else if (isProgress || stuck === undefined) stuck = { since: at, isConfirmed: false };
      else stuck = { ...stuck, isConfirmed: true };
    },
    /** → since when nothing was settled though something waited, in milliseconds since 1970; null while there is progress. */
    stalledSince: (): number | null => (stuck?.isConfirmed ? stuck.since : null),
  };
}

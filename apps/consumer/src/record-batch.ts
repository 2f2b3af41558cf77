import type { Announcement, RecordedBatch, Submission } from "@pedidos/persistence";

export type RecordBatchDeps = {
  /** Records submissions in one transaction, all or none. */
  readonly record: (submissions: readonly Submission[]) => Promise<RecordedBatch>;
  /** Whether an error speaks of the data, so that trying the parts of a batch can tell which. */
  readonly isDataError: (error: unknown) => error is Error;
};

/**
 * Records a batch. Where the database refuses its data it is bisected down to the culprit, which becomes a rejection;
 * all others are recorded.
 *
 * @returns what is to be announced, one for each transaction
 * @throws on an outage: what was not committed may be tried again as a whole, recording is idempotent
 */
export async function recordBatch(deps: RecordBatchDeps, submissions: readonly Submission[]): Promise<Announcement[]> {
  try {
    const { announcement } = await deps.record(submissions);
    return [announcement];
  } catch (error) {
    if (!deps.isDataError(error)) throw error;
    const [only] = submissions;
    if (submissions.length > 1) {
      const middle = submissions.length >> 1;
      const first = await recordBatch(deps, submissions.slice(0, middle));
      return [...first, ...(await recordBatch(deps, submissions.slice(middle)))];
    }
    if (only?.kind !== "order") throw error;
    return await recordBatch(deps, [refused(only, error)]);
  }
}

function refused(submission: Extract<Submission, { kind: "order" }>, error: Error): Submission {
  const { order, ...held } = submission;
  return {
    ...held,
    kind: "rejected",
    reason: "invalid_order",
    orderId: order.orderId,
    faults: [{ pointer: "", detail: `the database refused it: ${error.message}` }],
  };
}

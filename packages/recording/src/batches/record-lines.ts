import type { Announcement, Deferred, Failure, RecorderStore, Submission } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Line } from "../lines/line.ts";
import { toSubmission } from "../lines/to-submission.ts";
import { openKnownLocks } from "./known-locks.ts";
import { NothingRecorded, type RecordBatchDeps, recordBatch } from "./record-batch.ts";

export type RecordLinesOptions = {
  readonly store: Pick<RecorderStore, "classify" | "findLockedCustomers" | "defer">;
  readonly record: RecordBatchDeps["record"];
  readonly canRecord: RecordBatchDeps["canRecord"];
  readonly log: Pick<Log, "warn" | "error">;
};

export type LinesOptions = {
  readonly read?: (line: Line) => Submission;
  /** Whether they were refused before: they are tried under short limits. */
  readonly apart?: boolean;
  /** Whether they are tried alone, and will be again. */
  readonly isSuspect?: boolean;
};

export type RecordedLines = {
  readonly announcements: readonly Announcement[];
  /** What a bug of ours was met as; the lines that it concerns are deferred. */
  readonly bug?: Failure;
};

const LOCKED: Failure = { kind: "back_off", code: "55P03", isPerOrder: true };

/**
 * Records lines. What the database refuses while it records others is deferred: it waits in the spool, where it is tried
 * again with back-off, apart from the others.
 *
 * @throws where neither is possible now
 */
export function openRecordLines({ store, record, canRecord, log }: RecordLinesOptions) {
  const locks = openKnownLocks();

  function classify(error: unknown): Failure {
    const failure = store.classify(error);
    if (failure.kind === "bug") log.error({ err: error }, "a bug: orders could not be recorded, and wait");
    return failure;
  }

  async function findLocked(submissions: readonly Submission[]): Promise<ReadonlySet<Submission>> {
    const ids = submissions.flatMap((one) => (one.kind === "order" ? [one.order.customerId] : []));
    const locked = await store.findLockedCustomers([...new Set(ids)]);
    return new Set(submissions.filter((one) => one.kind === "order" && locked.has(one.order.customerId)));
  }

  return async (
    lines: readonly Line[],
    { read = toSubmission, apart = false, isSuspect = false }: LinesOptions = {},
  ): Promise<RecordedLines> => {
    const deferred: Deferred[] = [];
    const lineOf = new Map<Submission, Line>();
    let bug: Failure | undefined;
    const defer = (line: Line, failure: Failure, submission?: Submission) => {
      if (failure.kind === "bug") bug = failure;
      if (failure.code === LOCKED.code && submission !== undefined) locks.note(submission);
      deferred.push({ ...line, isSuspect, orderId: submission ? orderIdOf(submission) : null, code: failure.code });
    };
    for (const line of lines) {
      try {
        const submission = read(line);
        if (!apart && locks.has(submission)) defer(line, LOCKED, submission);
        else lineOf.set(submission, line);
      } catch (error) {
        defer(line, classify(error));
      }
    }
    const open = [...lineOf.keys()];
    const { announcements, refused } = await recordBatch({ record, canRecord, classify, findLocked }, open, { apart });
    if (apart) for (const submission of open) locks.forget(submission);
    for (const { submission, failure } of refused) {
      const line = lineOf.get(submission);
      // It would be acknowledged, and be nowhere.
      if (line === undefined) throw new Error("what was refused is none of these lines");
      defer(line, failure, submission);
    }
    if (deferred.length > 0) {
      const codes = [...new Set(deferred.map(({ code }) => code))];
      log.warn({ orders: deferred.length, codes }, "the database refuses these while it records others: they wait");
      await store.defer(deferred);
    }
    return { announcements, ...(bug !== undefined && { bug }) };
  };
}

/** → what an error of recording lines means. */
export function classifyWith(classify: RecorderStore["classify"]) {
  return (error: unknown): Failure => (error instanceof NothingRecorded ? error.failure : classify(error));
}

function orderIdOf(submission: Submission): number | null {
  return submission.kind === "order" ? submission.order.orderId : submission.orderId;
}

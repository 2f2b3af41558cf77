import { dialectOf, findOrderId, readOrder } from "@pedidos/domain";
import type { Announcement, Deferred, Failure, RecorderStore, Submission } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Line } from "../lines/line.ts";
import { LOCK_NOT_AVAILABLE, NothingRecorded, type RecordBatchDeps, recordBatch } from "./record-batch.ts";

export type RecordLinesOptions = Pick<RecordBatchDeps, "record" | "canRecord"> & {
  readonly store: Pick<RecorderStore, "classify" | "findLockedCustomers" | "defer">;
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
  /** A failure by a bug of ours; the lines that it concerns are deferred. */
  readonly bug: Failure | undefined;
};

const LOCKED: Failure = { kind: "back_off", code: LOCK_NOT_AVAILABLE, isPerOrder: true };
/** Longer than what is deferred waits for its next attempt, which shows whether the lock is still there. */
const LOCK_REMEMBERED_MS = 20_000;

/**
 * Records lines. What the database refuses while it records others is deferred: it waits in the spool, where it is tried
 * again with back-off, apart from the others.
 *
 * @throws if neither is possible now
 */
export function openRecordLines({ store, record, canRecord, log }: RecordLinesOptions) {
  // By customer. Otherwise each batch with an order of that customer would wait for the lock again, and all others in it.
  const lockedUntil = new Map<number, number>();

  function isLocked(submission: Submission): boolean {
    if (submission.kind !== "order") return false;
    const until = lockedUntil.get(submission.order.customerId);
    return until !== undefined && until > performance.now();
  }

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
      if (failure.code === LOCKED.code && submission?.kind === "order")
        lockedUntil.set(submission.order.customerId, performance.now() + LOCK_REMEMBERED_MS);
      const orderId = submission?.kind === "order" ? submission.order.orderId : submission?.orderId;
      deferred.push({ ...line, isSuspect, orderId: orderId ?? null, code: failure.code });
    };
    for (const line of lines) {
      try {
        const submission = read(line);
        if (!apart && isLocked(submission)) defer(line, LOCKED, submission);
        else lineOf.set(submission, line);
      } catch (error) {
        defer(line, classify(error));
      }
    }
    const submissions = [...lineOf.keys()];
    const deps = { record, canRecord, classify, findLocked };
    const { announcements, refused } = await recordBatch(deps, submissions, { apart });
    if (apart) for (const one of submissions) if (one.kind === "order") lockedUntil.delete(one.order.customerId);
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
    return { announcements, bug };
  };
}

/** → what an error of recording lines means. */
export function classifyWith(classify: RecorderStore["classify"]) {
  return (error: unknown): Failure => (error instanceof NothingRecorded ? error.failure : classify(error));
}

/** Reads a line by the words of its source: an order, or a rejection with its faults. */
export function toSubmission({ source, body, spoolId }: Line): Submission {
  const held = { source, body, ...(spoolId === undefined ? {} : { spoolId }) };
  return { ...held, ...readOrder(body, dialectOf(source)) };
}

/** A line that has ended the process too often: a rejection by its bytes alone, which no parser sees again. */
export function toPoison({ source, body, spoolId }: Line): Submission {
  return {
    kind: "rejected",
    reason: "poison",
    orderId: findOrderId(body, dialectOf(source)),
    faults: [
      { pointer: "", detail: "the process or the database ended each time this was tried; it is not tried again" },
    ],
    source,
    body,
    ...(spoolId === undefined ? {} : { spoolId }),
  };
}

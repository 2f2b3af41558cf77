import type { Announcement, Failure, RecordedBatch, StatementLimits, Submission } from "@pedidos/persistence";

export type RecordBatchDeps = {
  /** Records submissions in one transaction, all or none. */
  readonly record: (submissions: readonly Submission[], limits?: StatementLimits) => Promise<RecordedBatch>;
  readonly classify: (error: unknown) => Failure;
  /** Whether the database records at this moment, independent of this batch. */
  readonly canRecord: () => Promise<boolean>;
  /** → which of these submissions are of customers whose row somebody else holds a lock on. */
  readonly findLocked: (submissions: readonly Submission[]) => Promise<ReadonlySet<Submission>>;
};

export type BatchOutcome = {
  /** What is to be announced, one for each transaction. */
  readonly announcements: readonly Announcement[];
  /** What the database refuses while it records others, and its answer. Nothing is wrong with these submissions. */
  readonly refused: readonly Refused[];
};
type Order = Extract<Submission, { kind: "order" }>;
export type Refused = { readonly submission: Submission; readonly failure: Failure };

/** What is tried apart must not keep others waiting. */
const APART: StatementLimits = { statementMs: 2_000, lockMs: 250 };
const MOST_APART_MS = 4_000;
const REPEATS = 2;

/**
 * Records a batch.
 * - The content of an order that our schema refuses: bisected down to the culprit, which becomes a rejection.
 * - A deadlock, a serialization failure: the batch again as it is, then in halves.
 * - Any other answer, while the database records as such: bisected down to those that it is given for. They are refused,
 *   all others are recorded.
 *
 * @param apart whether these were refused before: they are tried under short limits from the start
 * @throws if nothing can be recorded now; what was not committed may be tried again as a whole, recording is idempotent
 */
export async function recordBatch(
  deps: RecordBatchDeps,
  submissions: readonly Submission[],
  { apart = false }: { readonly apart?: boolean } = {},
): Promise<BatchOutcome> {
  const announcements: Announcement[] = [];
  const refused: Refused[] = [];
  let limits = apart ? APART : undefined;
  let apartUntil: number | undefined;

  /** By the rejection that an order became: the order is refused, also when only its rejection was tried. */
  const orderOf = new Map<Submission, Submission>();

  function refuse(some: readonly Submission[], failure: Failure): void {
    for (const one of some) refused.push({ submission: orderOf.get(one) ?? one, failure });
  }

  async function reject(order: Order, error: unknown): Promise<void> {
    const rejection = rejected(order, error);
    orderOf.set(rejection, order);
    await attempt([rejection]);
  }

  async function attempt(some: readonly Submission[], repeats = 0): Promise<void> {
    if (some.length === 0) return;
    try {
      announcements.push((await deps.record(some, limits)).announcement);
    } catch (error) {
      const failure = deps.classify(error);
      if (failure.kind === "connection_lost") throw error;
      if (failure.kind === "again" && repeats < REPEATS) return await attempt(some, repeats + 1);
      const [only] = some;
      if (failure.kind === "order" && some.length === 1 && only?.kind === "order") return await reject(only, error);
      const isExpected = failure.kind === "order" || failure.kind === "again";
      await split(isExpected && some.length > 1 ? some : await setApart(some, failure, error), failure);
    }
  }

  /** → those that may be recorded now, under short limits. */
  async function setApart(some: readonly Submission[], failure: Failure, error: unknown) {
    if (apartUntil === undefined) {
      if (!(await deps.canRecord())) throw error;
      limits = APART;
      apartUntil = performance.now() + MOST_APART_MS;
    }
    if (failure.code !== LOCK_NOT_AVAILABLE) return some;
    const locked = await deps.findLocked(some);
    refuse(
      some.filter((one) => locked.has(one)),
      failure,
    );
    const free = some.filter((one) => !locked.has(one));
    if (free.length === some.length) return some;
    await attempt(free);
    return [];
  }

  async function split(some: readonly Submission[], failure: Failure): Promise<void> {
    const isLate = apartUntil !== undefined && performance.now() > apartUntil;
    if (some.length < 2 || isLate) return refuse(some, failure);
    const middle = some.length >> 1;
    await attempt(some.slice(0, middle));
    await attempt(some.slice(middle));
  }

  await attempt(submissions);
  const general = refused.find(({ failure }) => !failure.isPerOrder);
  // The probe has promised too much: nobody could be recorded, and not for a reason of their own.
  if (announcements.length === 0 && general !== undefined) throw new NothingRecorded(general.failure);
  return { announcements, refused };
}

export const LOCK_NOT_AVAILABLE = "55P03";

/** None of a batch could be recorded, by an answer that is for all orders. */
export class NothingRecorded extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(`nothing could be recorded: ${failure.code}`);
    this.failure = failure;
  }
}

function rejected(submission: Order, error: unknown): Submission {
  const { order, ...held } = submission;
  const why = error instanceof Error ? error.message : String(error);
  return {
    ...held,
    kind: "rejected",
    reason: "invalid_order",
    orderId: order.orderId,
    faults: [{ pointer: "", detail: `the database refused it: ${why}` }],
  };
}

import type { Log } from "@pedidos/process";

/** What a wait ended with; "pending" is all that is known when time is up, or when the process stops. */
export type Outcome =
  | { readonly kind: "recorded"; readonly total: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "pending" };

export type Outcomes<Question> = {
  /**
   * Waits until an order is recorded, or another one under its id. Never rejects.
   *
   * @param isGone whether nobody waits for the answer any more.
   */
  wait(question: Question, patienceMs: number, isGone: () => boolean): Promise<Outcome>;
  /** Ends every wait, now and later, with "pending". */
  stop(): void;
};

export type OutcomeSource<Question> = {
  /** One query for all questions, answered in their order. */
  readonly find: (questions: readonly Question[]) => Promise<readonly Outcome[]>;
  readonly log: Pick<Log, "warn">;
};

const MAX_QUESTIONS = 1_000;
const MAX_WAITERS = 20_000;
/** So few are polled again at once, for so long after they came: a timer takes longer than the commit they wait for. */
const EAGER = { waiters: 4, forMs: 3 };
/**
 * The pause before the next query grows with the time waited, so that a wait is hardly longer than needed. A query
 * includes each outcome that would be polled within `aheadMs`: one query for many.
 */
const PAUSE = { firstMs: 1, partOfWaited: 0.2, longestMs: 50, aheadMs: 3, afterFailureMs: 250 };
const PENDING: Outcome = { kind: "pending" };

type Waiter<Question> = {
  readonly question: Question;
  readonly since: number;
  readonly deadline: number;
  readonly isGone: () => boolean;
  readonly resolve: (outcome: Outcome) => void;
  /** When it is polled next. */
  due: number;
};

/**
 * Coalesces waits: one query at a time asks about all that are due. Each is asked about at once or, where more than a few
 * wait, after a millisecond; then ever more seldom. A database that fails or hangs rejects nobody: waits then end by their
 * own time.
 */
export function openOutcomes<Question>({ find, log }: OutcomeSource<Question>): Outcomes<Question> {
  const waiters = new Set<Waiter<Question>>();
  let [isAsking, isStopped, isFailing, notBefore] = [false, false, false, 0];
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let wakeAt = Number.POSITIVE_INFINITY;

  /** An earlier time that is set stays. What is due now does not wait for the millisecond that a timer takes. */
  function wakeBy(at: number, now: number): void {
    if (wakeAt <= at) return;
    cancelWake();
    wakeAt = at;
    if (at > now) timer = setTimeout(wake, Math.max(at - now, 1));
    else immediate = setImmediate(wake);
  }

  function cancelWake(): void {
    clearTimeout(timer);
    clearImmediate(immediate);
    wakeAt = Number.POSITIVE_INFINITY;
  }

  function wake(): void {
    cancelWake();
    const now = performance.now();
    const due: Waiter<Question>[] = [];
    for (const waiter of waiters)
      if (waiter.deadline <= now || waiter.isGone()) settle(waiter, PENDING);
      else if (waiter.due <= now + PAUSE.aheadMs && due.length < MAX_QUESTIONS) due.push(waiter);
    if (due.length > 0 && !isAsking && now >= notBefore) void ask(due, now);
    wakeLater(now);
  }

  function wakeLater(now: number): void {
    if (waiters.size === 0) return;
    let next = now + PAUSE.longestMs;
    for (const { deadline, due } of waiters)
      next = Math.min(next, deadline, isAsking ? next : Math.max(due, notBefore));
    wakeBy(next, now);
  }

  async function ask(due: readonly Waiter<Question>[], asked: number): Promise<void> {
    isAsking = true;
    try {
      const outcomes = await find(due.map(({ question }) => question));
      isFailing = false;
      const now = performance.now();
      const isEager = waiters.size <= EAGER.waiters;
      // Else no more than half of the time is spent on asking.
      notBefore = isEager ? now : now + Math.min(now - asked, PAUSE.longestMs);
      for (const [index, waiter] of due.entries()) {
        const outcome = outcomes[index] ?? PENDING;
        if (outcome.kind === "pending") waiter.due = now + pauseAfter(now - waiter.since, isEager);
        else settle(waiter, outcome);
      }
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, "the database does not report outcomes of orders; waits go on");
      isFailing = true;
      notBefore = performance.now() + PAUSE.afterFailureMs;
    }
    isAsking = false;
    wakeLater(performance.now());
  }

  function settle(waiter: Waiter<Question>, outcome: Outcome): void {
    waiters.delete(waiter);
    waiter.resolve(outcome);
  }

  return {
    wait(question, patienceMs, isGone) {
      if (isStopped || patienceMs <= 0 || waiters.size >= MAX_WAITERS) return Promise.resolve(PENDING);
      return new Promise((resolve) => {
        const now = performance.now();
        const due = now + (waiters.size < EAGER.waiters ? 0 : PAUSE.firstMs);
        waiters.add({ question, since: now, deadline: now + patienceMs, isGone, resolve, due });
        if (!isAsking) wakeBy(Math.max(due, notBefore), now);
      });
    },
    stop() {
      isStopped = true;
      cancelWake();
      for (const waiter of waiters) settle(waiter, PENDING);
    },
  };
}

function pauseAfter(waitedMs: number, isEager: boolean): number {
  if (isEager && waitedMs < EAGER.forMs) return 0;
  return Math.min(Math.max(waitedMs * PAUSE.partOfWaited, PAUSE.firstMs), PAUSE.longestMs);
}

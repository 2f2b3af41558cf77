import type { Log } from "@pedidos/process";
import { openAlarm } from "./open-alarm.ts";

/** What a wait ended with; "pending" is all that is known when time is up, or when the process is told to stop. */
export type Outcome = { readonly kind: "recorded"; readonly total: string } | { readonly kind: "conflict" } | Pending;
type Pending = { readonly kind: "pending" };

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
  /** One query for all that are asked, in their order. */
  readonly find: (questions: readonly Question[]) => Promise<readonly Outcome[]>;
  readonly log: Pick<Log, "warn">;
};

const MAX_QUESTIONS = 1_000;
const MAX_WAITERS = 20_000;
/** So few are asked about again at once, and so long after they came: a timer takes longer than the commit they wait for. */
const EAGER = { waiters: 4, forMs: 3 };
/**
 * The pause before the next question grows with the time waited: waiting takes hardly longer than it must. Whoever would be
 * asked about within `aheadMs` is asked about now: one query for many.
 */
const PAUSE = { firstMs: 1, partOfWaited: 0.2, longestMs: 50, aheadMs: 3, afterFailureMs: 250 };
const PENDING: Pending = { kind: "pending" };

type Waiter<Question> = {
  readonly question: Question;
  readonly since: number;
  readonly deadline: number;
  readonly isGone: () => boolean;
  readonly settle: (outcome: Outcome) => void;
  /** When it is asked about next. */
  due: number;
};

/**
 * Waiting, coalesced: one query at a time asks about all that wait. Each is asked about at once or, where more than a few
 * wait, after a millisecond; then ever more seldom. A database that fails or hangs rejects nobody: waits then end by their
 * own time.
 */
export function openOutcomes<Question>({ find, log }: OutcomeSource<Question>): Outcomes<Question> {
  let waiters: Waiter<Question>[] = [];
  let [isAsking, isStopped, isFailing, notBefore] = [false, false, false, 0];
  const alarm = openAlarm(look);

  function look(): void {
    const now = performance.now();
    settleEnded(now);
    if (!isAsking && now >= notBefore) {
      const due = waiters.filter((waiter) => waiter.due <= now + PAUSE.aheadMs).slice(0, MAX_QUESTIONS);
      if (due.length > 0) void ask(due, now);
    }
    lookLater(now);
  }

  function settleEnded(now: number): void {
    const hasEnded = ({ deadline, isGone }: Waiter<Question>) => deadline <= now || isGone();
    const ended = waiters.filter(hasEnded);
    if (ended.length === 0) return;
    waiters = waiters.filter((waiter) => !ended.includes(waiter));
    for (const waiter of ended) waiter.settle(PENDING);
  }

  function lookLater(now: number): void {
    if (waiters.length === 0) return;
    let next = now + PAUSE.longestMs;
    for (const { deadline, due } of waiters)
      next = Math.min(next, deadline, isAsking ? next : Math.max(due, notBefore));
    alarm.setBy(next, now);
  }

  async function ask(due: readonly Waiter<Question>[], asked: number): Promise<void> {
    isAsking = true;
    try {
      const outcomes = await find(due.map((waiter) => waiter.question));
      isFailing = false;
      settle(due, outcomes, asked);
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, "the database does not tell what became of orders; waits go on");
      isFailing = true;
      notBefore = performance.now() + PAUSE.afterFailureMs;
    }
    isAsking = false;
    lookLater(performance.now());
  }

  function settle(due: readonly Waiter<Question>[], outcomes: readonly Outcome[], asked: number): void {
    const now = performance.now();
    const isEager = waiters.length <= EAGER.waiters;
    // Else no more than half of the time is spent on asking.
    notBefore = isEager ? now : now + Math.min(now - asked, PAUSE.longestMs);
    const settled = new Set<Waiter<Question>>();
    for (const [index, waiter] of due.entries()) {
      const outcome = outcomes[index] ?? PENDING;
      if (outcome.kind === "pending") waiter.due = now + pauseOf(now - waiter.since, isEager);
      else {
        settled.add(waiter);
        waiter.settle(outcome);
      }
    }
    if (settled.size > 0) waiters = waiters.filter((waiter) => !settled.has(waiter));
  }

  return {
    wait(question, patienceMs, isGone) {
      if (isStopped || patienceMs <= 0 || waiters.length >= MAX_WAITERS) return Promise.resolve(PENDING);
      return new Promise((resolve) => {
        const now = performance.now();
        const due = now + (waiters.length < EAGER.waiters ? 0 : PAUSE.firstMs);
        waiters.push({ question, since: now, deadline: now + patienceMs, isGone, settle: resolve, due });
        if (!isAsking) alarm.setBy(Math.max(due, notBefore), now);
      });
    },
    stop() {
      isStopped = true;
      alarm.clear();
      for (const waiter of waiters) waiter.settle(PENDING);
      waiters = [];
    },
  };
}

function pauseOf(waitedMs: number, isEager: boolean): number {
  if (isEager && waitedMs < EAGER.forMs) return 0;
  return Math.min(Math.max(waitedMs * PAUSE.partOfWaited, PAUSE.firstMs), PAUSE.longestMs);
}

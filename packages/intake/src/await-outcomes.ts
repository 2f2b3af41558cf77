import type { Log } from "@pedidos/process";

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
const FIRST_PAUSE_MS = 1;
/** The pause before the next look, as a part of how long it has waited: waiting takes hardly longer than it must. */
const PAUSE_PART = 0.2;
const LONGEST_PAUSE_MS = 50;
/** Who would be asked about so soon is asked about now: one query for many. */
const LOOK_AHEAD_MS = 3;
const PAUSE_AFTER_FAILURE_MS = 250;
const PENDING: Pending = { kind: "pending" };

type Waiter<Question> = {
  readonly question: Question;
  readonly since: number;
  readonly deadline: number;
  readonly isGone: () => boolean;
  readonly settle: (outcome: Outcome) => void;
  due: number;
};

/**
 * Waiting, coalesced: one query at a time asks about all that wait. Each is asked about at once or, where more than a few
 * wait, after a millisecond; then ever more seldom. A database that fails or hangs rejects nobody: waits then end by their
 * own time.
 */
export function openOutcomes<Question>({ find, log }: OutcomeSource<Question>): Outcomes<Question> {
  let waiters: Waiter<Question>[] = [];
  let unschedule: (() => void) | undefined;
  let lookAt = Number.POSITIVE_INFINITY;
  let [isAsking, isStopped, isFailing, notBefore] = [false, false, false, 0];

  function wait(question: Question, patienceMs: number, isGone: () => boolean): Promise<Outcome> {
    if (isStopped || patienceMs <= 0 || waiters.length >= MAX_WAITERS) return Promise.resolve(PENDING);
    return new Promise((settle) => {
      const now = performance.now();
      const due = now + (waiters.length < EAGER.waiters ? 0 : FIRST_PAUSE_MS);
      waiters.push({ question, since: now, deadline: now + patienceMs, isGone, settle, due });
      if (!isAsking) lookBy(Math.max(due, notBefore), now);
    });
  }

  function look(): void {
    [unschedule, lookAt] = [undefined, Number.POSITIVE_INFINITY];
    const now = performance.now();
    const [ended, waiting] = partition(waiters, (waiter) => waiter.deadline <= now || waiter.isGone());
    waiters = waiting;
    for (const waiter of ended) waiter.settle(PENDING);
    if (!isAsking && now >= notBefore) {
      const due = waiters.filter((waiter) => waiter.due <= now + LOOK_AHEAD_MS).slice(0, MAX_QUESTIONS);
      if (due.length > 0) void ask(due, now);
    }
    lookLater(now);
  }

  function lookLater(now: number): void {
    if (waiters.length === 0) return;
    let next = now + LONGEST_PAUSE_MS;
    for (const { deadline, due } of waiters)
      next = Math.min(next, deadline, isAsking ? next : Math.max(due, notBefore));
    lookBy(next, now);
  }

  /** An earlier look stays; a later one must not keep whoever comes now. */
  function lookBy(at: number, now: number): void {
    if (unschedule !== undefined && lookAt <= at) return;
    unschedule?.();
    lookAt = at;
    unschedule = schedule(look, at - now);
  }

  async function ask(due: readonly Waiter<Question>[], asked: number): Promise<void> {
    isAsking = true;
    try {
      const outcomes = await find(due.map((waiter) => waiter.question));
      isFailing = false;
      const now = performance.now();
      const isEager = waiters.length <= EAGER.waiters;
      // Else no more than half of the time is spent on asking.
      notBefore = isEager ? now : now + Math.min(now - asked, LONGEST_PAUSE_MS);
      const settled = new Set<Waiter<Question>>();
      due.forEach((waiter, index) => {
        const outcome = outcomes[index] ?? PENDING;
        if (outcome.kind === "pending") waiter.due = now + pauseOf(now - waiter.since, isEager);
        else {
          settled.add(waiter);
          waiter.settle(outcome);
        }
      });
      if (settled.size > 0) waiters = waiters.filter((waiter) => !settled.has(waiter));
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, "the database does not tell what became of orders; waits go on");
      isFailing = true;
      notBefore = performance.now() + PAUSE_AFTER_FAILURE_MS;
    }
    isAsking = false;
    lookLater(performance.now());
  }

  function stop(): void {
    isStopped = true;
    unschedule?.();
    for (const waiter of waiters) waiter.settle(PENDING);
    waiters = [];
  }

  return { wait, stop };
}

function pauseOf(waitedMs: number, isEager: boolean): number {
  if (isEager && waitedMs < EAGER.forMs) return 0;
  return Math.min(Math.max(waitedMs * PAUSE_PART, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
}

/** → what calls it off. */
function schedule(run: () => void, inMs: number): () => void {
  if (inMs > 0) {
    const timer = setTimeout(run, Math.max(inMs, 1));
    return () => clearTimeout(timer);
  }
  const immediate = setImmediate(run);
  return () => clearImmediate(immediate);
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  const [first, second]: [Item[], Item[]] = [[], []];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}

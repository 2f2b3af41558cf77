/** Somebody who waits for an outcome. */
export type Waiter<Outcome> = {
  /** By the clock of `performance.now()`. */
  readonly since: number;
  /** Null once there is an outcome. */
  settle: ((outcome: Outcome) => void) | null;
};

export type Patience<Outcome> = {
  readonly patienceMs: number;
  readonly refused: Outcome;
  /** Called after some were refused. */
  readonly onRefused: () => void;
};

/** Those who are late are refused at most so much later, and looked for no oftener. */
const SWEEP_MS = 20;

/** Refuses everybody who has waited for too long. */
export function refuseLate<Outcome>({ patienceMs, refused, onRefused }: Patience<Outcome>) {
  // In order of arrival. Almost always settled in that order too, and then let go at once.
  let waiters: Waiter<Outcome>[] = [];
  let timer: NodeJS.Timeout | undefined;

  function sweep(): void {
    const now = performance.now();
    waiters = waiters.filter(isWaiting);
    const late = waiters.filter(({ since }) => now - since >= patienceMs);
    for (const waiter of late) settle(waiter, refused);
    if (late.length > 0) onRefused();
    const next = waiters[late.length];
    timer = next && setTimeout(sweepSoon, Math.max(next.since + patienceMs - now, SWEEP_MS));
  }

  /** Outcomes that have arrived while this process was busy come first. */
  function sweepSoon(): void {
    setImmediate(sweep);
  }

  return {
    add(waiter: Waiter<Outcome>): void {
      waiters.push(waiter);
      if (timer === undefined) timer = setTimeout(sweepSoon, patienceMs);
    },
    /** To be called after some were settled. */
    forgetSettled(): void {
      const kept = waiters.findIndex(isWaiting);
      if (kept === -1) waiters = [];
      else if (kept > 0) waiters.splice(0, kept);
    },
  };
}

export function isWaiting<Outcome>({ settle }: Waiter<Outcome>): boolean {
  return settle !== null;
}

/** Settles a waiter, unless it is settled. */
export function settle<Outcome>(waiter: Waiter<Outcome>, outcome: Outcome): void {
  waiter.settle?.(outcome);
  waiter.settle = null;
}

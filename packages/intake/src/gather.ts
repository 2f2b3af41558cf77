export type Gathering<Item, Outcome> = {
  /** Does the work of everything that was gathered, as one. A rejection counts as `refused`. */
  readonly run: (items: readonly Item[]) => Promise<Outcome>;
  /** What one run may hold. A single group that is larger goes by itself. */
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly maxInFlight: number;
  /** How long to gather before a run that is not full goes beside those in flight: a slow run then holds up nobody. */
  readonly lingerMs: number;
  /** What may wait for its run; more is refused at once. */
  readonly maxWaitingItems: number;
  readonly maxWaitingBytes: number;
  /** How long a group waits for its outcome, its own run included, before it is refused. */
  readonly patienceMs: number;
  readonly refused: Outcome;
};

/** `bytes` is the size of all items together. Always settles, within `patienceMs`. */
export type Gatherer<Item, Outcome> = { add(items: readonly Item[], bytes: number): Promise<Outcome> };

type Group<Item, Outcome> = {
  readonly items: readonly Item[];
  readonly bytes: number;
  readonly since: number;
  /** Null once the group has its outcome. */
  settle: ((outcome: Outcome) => void) | null;
};

/**
 * Shares the cost of one run between all that wait for it. A group that finds nothing in flight runs at once, by itself;
 * what arrives meanwhile is gathered and runs together as soon as a run ends, a full one has come together, or it has
 * waited for `lingerMs`. So light load sees no added latency, and heavy load hardly a run that is not full. Groups keep
 * their order.
 *
 * A run that does not end keeps its slot, though those who wait for it are refused in time: nothing piles up behind it.
 */
export function gather<Item, Outcome>(limits: Gathering<Item, Outcome>): Gatherer<Item, Outcome> {
  let waiting: Group<Item, Outcome>[] = [];
  // In order of arrival. Almost always settled in that order too, and then let go at once.
  let unsettled: Group<Item, Outcome>[] = [];
  let [waitingItems, waitingBytes, inFlight] = [0, 0, 0];
  let timer: NodeJS.Timeout | undefined;
  let lingering: NodeJS.Timeout | undefined;

  function add(items: readonly Item[], bytes: number): Promise<Outcome> {
    if (waitingItems + items.length > limits.maxWaitingItems || waitingBytes + bytes > limits.maxWaitingBytes) {
      return Promise.resolve(limits.refused);
    }
    return new Promise((resolve) => {
      const group = { items, bytes, since: performance.now(), settle: resolve };
      waiting.push(group);
      unsettled.push(group);
      waitingItems += items.length;
      waitingBytes += bytes;
      if (timer === undefined) timer = setTimeout(lookForLate, limits.patienceMs);
      startFull();
      lingerOn();
    });
  }

  function lingerOn(): void {
    if (lingering !== undefined || waitingItems === 0 || inFlight >= limits.maxInFlight) return;
    lingering = setTimeout(() => {
      lingering = undefined;
      if (waitingItems > 0 && inFlight < limits.maxInFlight) start();
      lingerOn();
    }, limits.lingerMs);
  }

  function startFull(): void {
    while (
      inFlight < limits.maxInFlight &&
      waitingItems > 0 &&
      (inFlight === 0 || waitingItems >= limits.maxItems || waitingBytes >= limits.maxBytes)
    ) {
      start();
    }
  }

  function start(): void {
    const groups = takeFirst();
    inFlight++;
    const items = groups.length === 1 && groups[0] ? groups[0].items : groups.flatMap((group) => group.items);
    limits.run(items).then(
      (outcome) => end(groups, outcome),
      () => end(groups, limits.refused),
    );
  }

  function takeFirst(): Group<Item, Outcome>[] {
    let [count, items, bytes] = [0, 0, 0];
    for (const group of waiting) {
      if (count > 0 && (items + group.items.length > limits.maxItems || bytes + group.bytes > limits.maxBytes)) break;
      count++;
      items += group.items.length;
      bytes += group.bytes;
    }
    waitingItems -= items;
    waitingBytes -= bytes;
    return waiting.splice(0, count);
  }

  function end(groups: readonly Group<Item, Outcome>[], outcome: Outcome): void {
    inFlight--;
    if (waitingItems > 0) start();
    startFull();
    lingerOn();
    for (const group of groups) settle(group, outcome);
    forgetSettled();
  }

  function forgetSettled(): void {
    const kept = unsettled.findIndex((group) => group.settle !== null);
    if (kept === -1) unsettled = [];
    else if (kept > 0) unsettled.splice(0, kept);
  }

  /** Outcomes that have arrived while this process was busy come first. */
  function lookForLate(): void {
    setImmediate(refuseLate);
  }

  function refuseLate(): void {
    const now = performance.now();
    unsettled = unsettled.filter((group) => group.settle !== null);
    const late = unsettled.filter((group) => now - group.since >= limits.patienceMs);
    for (const group of late) settle(group, limits.refused);
    if (late.length > 0) {
      // What was refused before it ran must not run later: whoever waited has gone another way.
      waiting = waiting.filter((group) => group.settle !== null);
      waitingItems = waiting.reduce((sum, group) => sum + group.items.length, 0);
      waitingBytes = waiting.reduce((sum, group) => sum + group.bytes, 0);
    }
    const next = unsettled[late.length];
    timer =
      next === undefined
        ? undefined
        : setTimeout(lookForLate, Math.max(next.since + limits.patienceMs - now, SWEEP_MS));
  }

  return { add };
}

/** Groups are refused at most so late, and looked at no oftener. */
const SWEEP_MS = 20;

function settle<Item, Outcome>(group: Group<Item, Outcome>, outcome: Outcome): void {
  group.settle?.(outcome);
  group.settle = null;
}

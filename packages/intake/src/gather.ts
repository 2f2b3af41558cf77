export type Gathering<Item, Outcome> = {
  /** Does the work of everything that was gathered, as one. A rejection counts as `refused`. */
  readonly run: (items: readonly Item[]) => Promise<Outcome>;
  /** What one run may hold. A single group that is larger goes by itself. */
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly maxInFlight: number;
  /** How long to gather before a run that is not full goes beside those in flight: a slow run then delays nobody. */
  readonly lingerMs: number;
  /** What may wait for its run; more is refused at once. */
  readonly maxWaitingItems: number;
  readonly maxWaitingBytes: number;
  /** How long a group waits for its outcome, its own run included, before it is refused. */
  readonly patienceMs: number;
  readonly refused: Outcome;
};

type Group<Item, Outcome> = {
  readonly items: readonly Item[];
  readonly bytes: number;
  readonly since: number;
  /** Null once there is an outcome. */
  resolve: ((outcome: Outcome) => void) | null;
};

/** Groups that are late are refused at most so much later, and looked up no oftener. */
const REFUSE_EVERY_MS = 20;

/**
 * Shares the cost of one run between all that wait for it. A group that finds nothing in flight runs at once, by itself;
 * what arrives meanwhile is gathered and runs together as soon as a run ends, a full one has come together, or it has
 * waited for `lingerMs`. So light load sees no added latency, and heavy load hardly a run that is not full. Groups keep
 * their order.
 *
 * A run that does not end still counts as in flight, though those who wait for it are refused in time: nothing piles up behind it.
 */
export function gather<Item, Outcome>(options: Gathering<Item, Outcome>) {
  const { run, maxItems, maxBytes, maxInFlight, lingerMs, patienceMs, refused } = options;
  let waiting: Group<Item, Outcome>[] = [];
  let [waitingItems, waitingBytes, inFlight] = [0, 0, 0];
  let lingering: NodeJS.Timeout | undefined;
  // Waiting or in flight, in order of arrival. Almost always settled in that order too, and then let go at once.
  let unsettled: Group<Item, Outcome>[] = [];
  let refusing: NodeJS.Timeout | undefined;

  function mayStart(): boolean {
    return waitingItems > 0 && inFlight < maxInFlight;
  }

  function startFull(): void {
    while (mayStart() && (inFlight === 0 || waitingItems >= maxItems || waitingBytes >= maxBytes)) start();
  }

  function start(): void {
    const groups = takeFirst();
    inFlight++;
    const items = groups.length === 1 && groups[0] ? groups[0].items : groups.flatMap((group) => group.items);
    run(items).then(
      (outcome) => end(groups, outcome),
      () => end(groups, refused),
    );
  }

  function takeFirst(): Group<Item, Outcome>[] {
    let [count, items, bytes] = [0, 0, 0];
    for (const group of waiting) {
      if (count > 0 && (items + group.items.length > maxItems || bytes + group.bytes > maxBytes)) break;
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
    linger();
    for (const group of groups) settle(group, outcome);
    const first = unsettled.findIndex(isUnsettled);
    if (first === -1) unsettled = [];
    else if (first > 0) unsettled.splice(0, first);
  }

  function linger(): void {
    if (lingering !== undefined || !mayStart()) return;
    lingering = setTimeout(() => {
      lingering = undefined;
      if (mayStart()) start();
      linger();
    }, lingerMs);
  }

  function refuseLate(): void {
    const now = performance.now();
    unsettled = unsettled.filter(isUnsettled);
    const late = unsettled.filter(({ since }) => now - since >= patienceMs);
    for (const group of late) settle(group, refused);
    // A group that was refused before it ran must not run later: its caller has taken the other road.
    if (late.length > 0) waiting = waiting.filter(isUnsettled);
    waitingItems = waiting.reduce((sum, group) => sum + group.items.length, 0);
    waitingBytes = waiting.reduce((sum, group) => sum + group.bytes, 0);
    const next = unsettled[late.length];
    refusing = next && setTimeout(refuseSoon, Math.max(next.since + patienceMs - now, REFUSE_EVERY_MS));
  }

  /** Outcomes that have arrived while this process was busy come first. */
  function refuseSoon(): void {
    setImmediate(refuseLate);
  }

  return {
    /**
     * @param bytes the size of all items together
     * @returns the outcome of their run, within `patienceMs`; never rejects
     */
    add(items: readonly Item[], bytes: number): Promise<Outcome> {
      const { maxWaitingItems, maxWaitingBytes } = options;
      if (waitingItems + items.length > maxWaitingItems || waitingBytes + bytes > maxWaitingBytes)
        return Promise.resolve(refused);
      return new Promise((resolve) => {
        const group = { items, bytes, since: performance.now(), resolve };
        waiting.push(group);
        unsettled.push(group);
        if (refusing === undefined) refusing = setTimeout(refuseSoon, patienceMs);
        waitingItems += items.length;
        waitingBytes += bytes;
        startFull();
        linger();
      });
    },
  };
}

function isUnsettled<Item, Outcome>({ resolve }: Group<Item, Outcome>): boolean {
  return resolve !== null;
}

/** Settles a group, unless it is settled. */
function settle<Item, Outcome>(group: Group<Item, Outcome>, outcome: Outcome): void {
  group.resolve?.(outcome);
  group.resolve = null;
}

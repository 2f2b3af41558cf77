import { setTimeout as wait } from "node:timers/promises";
import { type Change, type ChangePosition, comparePositions, startOf } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import pLimit from "p-limit";
import type { KnownHorizon } from "./require-horizon.ts";

export type FeedSource = {
  readonly horizon: KnownHorizon;
  readonly list: (page: {
    readonly after: ChangePosition;
    readonly before: string;
    readonly limit: number;
  }) => Promise<readonly Change[]>;
  readonly log: Pick<Log, "warn" | "info">;
};

export type Feed = {
  /**
   * Every change after a place, in order, page by page as the caller takes them; then those that come, for ever. An
   * empty page says that nothing came for a while, or that the database is away, which is waited out.
   *
   * @param signal ends it
   */
  follow(from: ChangePosition, signal: AbortSignal): AsyncGenerator<readonly Change[], void>;
};

/** How often it looks for what is new, for all that follow together; while nobody does, it does not look. */
const LOOK_EVERY_MS = 250;
const AFTER_FAILURE_MS = 1_000;
const HEARTBEAT_MS = 15_000;
const PAGE = 500;
/** The newest changes, held for all that follow; who is further behind reads from the database. */
const MOST_RECENT = 2_000;
/** Pages that are being read for those who are behind. */
const READS_IN_FLIGHT = 2;

/** Follows what is recorded and rejected: one that looks a process, however many want to know. */
export function openFeed({ horizon, list, log }: FeedSource): Feed {
  const limit = pLimit(READS_IN_FLIGHT);
  const waiting = new Set<() => void>();
  let [followers, isLooking, isFailing] = [0, false, false];
  /** `changes` are all that come after `since` and are known of; undefined until it has looked once. */
  let recent: { since: ChangePosition; readonly changes: Change[] } | undefined;

  /** → whether there may be more. */
  async function look(): Promise<boolean> {
    const before = await horizon();
    recent ??= { since: startOf(before), changes: [] };
    const after = recent.changes.at(-1)?.position ?? recent.since;
    const found = await list({ after, before, limit: PAGE });
    recent.changes.push(...found);
    const surplus = recent.changes.splice(0, Math.max(0, recent.changes.length - MOST_RECENT));
    recent.since = surplus.at(-1)?.position ?? recent.since;
    if (found.length > 0) for (const rouse of [...waiting]) rouse();
    return found.length === PAGE;
  }

  async function keepLooking(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    while (followers > 0) {
      const hasMore = await look().then(tellRecovery, tellFailure);
      if (!hasMore) await wait(isFailing ? AFTER_FAILURE_MS : LOOK_EVERY_MS);
    }
    // Who follows next reads from the database what has come meanwhile.
    recent = undefined;
    isLooking = false;
  }

  function tellRecovery<Result>(result: Result): Result {
    if (isFailing) log.info("changes can be followed again");
    isFailing = false;
    return result;
  }

  function tellFailure(error: unknown): false {
    if (!isFailing) log.warn({ err: error }, "changes can't be followed; trying again");
    isFailing = true;
    return false;
  }

  /** → the next page after a place; undefined where that lies further back than what is held. */
  function nextRecent(after: ChangePosition): readonly Change[] | undefined {
    if (recent === undefined || comparePositions(after, recent.since) < 0) return undefined;
    const { changes } = recent;
    let [low, high] = [0, changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const change = changes[middle];
      if (change !== undefined && comparePositions(change.position, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return changes.slice(low, low + PAGE);
  }

  /** → the next page after a place, and how far that reaches: where there is no more, to the horizon. */
  function nextStored(after: ChangePosition): Promise<{ found: readonly Change[]; reached: ChangePosition }> {
    return limit(async () => {
      const before = await horizon();
      const found = await list({ after, before, limit: PAGE });
      const last = found.at(-1)?.position ?? after;
      const end = startOf(before);
      return { found, reached: found.length < PAGE && comparePositions(end, last) > 0 ? end : last };
    });
  }

  /** Resolves when there is news, when the time is up, or with the signal. */
  function newsWithin(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", settle);
        waiting.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, ms);
      signal.addEventListener("abort", settle);
      waiting.add(settle);
    });
  }

  async function* follow(from: ChangePosition, signal: AbortSignal): AsyncGenerator<readonly Change[], void> {
    let position = from;
    followers++;
    void keepLooking();
    try {
      while (!signal.aborted) {
        if (nextRecent(position)?.length === 0) await newsWithin(HEARTBEAT_MS, signal);
        const known = nextRecent(position);
        if (known !== undefined) {
          position = known.at(-1)?.position ?? position;
          yield known;
          continue;
        }
        const stored = await nextStored(position).catch(tellFailure);
        if (stored === false) {
          yield [];
          await newsWithin(AFTER_FAILURE_MS, signal);
          continue;
        }
        position = stored.reached;
        if (stored.found.length > 0) yield stored.found;
        else if (recent === undefined) await newsWithin(LOOK_EVERY_MS, signal);
      }
    } finally {
      followers--;
    }
  }

  return { follow };
}

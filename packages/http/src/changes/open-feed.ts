import { setTimeout as wait } from "node:timers/promises";
import { type Change, type ChangePosition, comparePositions, startOf } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { KnownHorizon, Store } from "../open-store.ts";
import { limitFairly } from "../server/fair-queue.ts";
import type { Client } from "../server/identify-caller.ts";
import { openRecentChanges, type RecentChanges } from "./recent-changes.ts";

export type FeedSource = {
  readonly horizon: KnownHorizon;
  readonly list: Store["listChanges"];
  readonly log: Pick<Log, "warn" | "info">;
};

/** How often it polls for what is new, for all that follow together; while nobody does, it does not poll. */
const POLL_EVERY_MS = 250;
const AFTER_FAILURE_MS = 1_000;
const HEARTBEAT_MS = 15_000;
const PAGE = 500;
/** What a client that follows is handed at once: each holds a page of its own while it does not read. */
const FOLLOWED_PAGE = 100;
/** Pages that are being read for clients that are behind. */
const READS_IN_FLIGHT = 2;

export type Feed = ReturnType<typeof openFeed>;

/** Follows what is recorded and rejected: one reader a process, however many follow. */
export function openFeed({ horizon, list, log }: FeedSource) {
  const limit = limitFairly(READS_IN_FLIGHT);
  const news = openNews();
  let [followers, isPolling, isFailing] = [0, false, false];
  /** Undefined until it has polled once. */
  let recent: RecentChanges | undefined;

  /** → whether there may be more. */
  async function poll(): Promise<boolean> {
    const before = await horizon();
    recent ??= openRecentChanges(startOf(before));
    const found = await list({ after: recent.end(), before, limit: PAGE });
    recent.add(found);
    if (found.length > 0) news.notify();
    return found.length === PAGE;
  }

  async function keepPolling(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    while (followers > 0) {
      const hasMore = await poll().then(logRecovery, logFailure);
      if (!hasMore) await wait(isFailing ? AFTER_FAILURE_MS : POLL_EVERY_MS);
    }
    // The next follower reads from the database what has come meanwhile.
    recent = undefined;
    isPolling = false;
  }

  function logRecovery<Result>(result: Result): Result {
    if (isFailing) log.info("changes can be followed again");
    isFailing = false;
    return result;
  }

  function logFailure(error: unknown): false {
    if (!isFailing) log.warn({ err: error }, "changes can't be followed; trying again");
    isFailing = true;
    return false;
  }

  /** → the next page after a place, and how far that reaches: the last page reaches to the horizon. */
  function readStored(
    after: ChangePosition,
    client: Client,
  ): Promise<{ found: readonly Change[]; reached: ChangePosition }> {
    return limit(client, async () => {
      const before = await horizon();
      const found = await list({ after, before, limit: FOLLOWED_PAGE });
      const last = found.at(-1)?.position ?? after;
      const end = startOf(before);
      return { found, reached: found.length < FOLLOWED_PAGE && comparePositions(end, last) > 0 ? end : last };
    });
  }

  async function* pages(
    from: ChangePosition,
    caller: string,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Change[], void> {
    const client = { caller, isGone: () => signal.aborted };
    let position = from;
    while (!signal.aborted) {
      if (recent?.after(position, FOLLOWED_PAGE)?.length === 0) await news.within(HEARTBEAT_MS, signal);
      const known = recent?.after(position, FOLLOWED_PAGE);
      if (known !== undefined) {
        position = known.at(-1)?.position ?? position;
        yield known;
        continue;
      }
      const stored = await readStored(position, client).catch((error) => !client.isGone() && logFailure(error));
      if (client.isGone()) return;
      if (stored === false) {
        yield [];
        await news.within(AFTER_FAILURE_MS, signal);
        continue;
      }
      position = stored.reached;
      if (stored.found.length > 0) yield stored.found;
      else if (recent === undefined) await news.within(POLL_EVERY_MS, signal);
    }
  }

  return {
    /**
     * Every change after a place, in order, page by page as the caller takes them; then those that come, for ever. An
     * empty page says that nothing came for a while, or that the database is away, which is waited out.
     *
     * @param caller whose turn it is to read what is behind
     * @param signal ends it
     */
    async *follow(from: ChangePosition, caller: string, signal: AbortSignal): AsyncGenerator<readonly Change[], void> {
      followers++;
      void keepPolling();
      try {
        yield* pages(from, caller, signal);
      } finally {
        followers--;
      }
    },
  };
}

/** Wakes all that wait. */
function openNews() {
  const waiting = new Set<() => void>();
  return {
    notify(): void {
      for (const wake of [...waiting]) wake();
    },
    /** Resolves when there is news, when the time is up, or with the signal. */
    async within(ms: number, signal: AbortSignal): Promise<void> {
      const { promise, resolve: wake } = Promise.withResolvers<void>();
      const timer = setTimeout(wake, ms);
      const onAbort = () => wake();
      signal.addEventListener("abort", onAbort);
      waiting.add(wake);
      await promise;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      waiting.delete(wake);
    },
  };
}

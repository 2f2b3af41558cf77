import { openFairQueue } from "./fair-queue.ts";
import type { Client } from "./identify-caller.ts";

/** How long one request may hold the event loop. */
const LIMIT_MS = 5;
/** After a longer slice this is enough for others. */
const MOST_PAUSE_MS = 100;

/** A process has one event loop, however many servers it runs. */
const waiting = openFairQueue<() => boolean>();
let isGranting = false;

/**
 * Waits for an iteration of the event loop in which no other long work runs, so that however much there is of it, others
 * are answered in between. Callers take turns. A client that has gone waits no longer, and is to be asked for afterwards.
 */
export function awaitSlice({ caller, isGone }: Client): Promise<void> {
  return new Promise((resolve) => {
    waiting.add(caller, () => {
      const isUsed = !isGone();
      resolve();
      return isUsed;
    });
    if (isGranting) return;
    isGranting = true;
    setImmediate(grant);
  });
}

function grant(): void {
  let next = waiting.take();
  while (next !== undefined && !next()) next = waiting.take();
  if (next === undefined) isGranting = false;
  else setImmediate(grantNext, performance.now());
}

/** What a slice delayed needs more than one iteration to be answered, so after a long one as much time is left to others. */
function grantNext(began: number): void {
  const tookMs = performance.now() - began;
  if (tookMs > LIMIT_MS * 2) setTimeout(grant, Math.min(tookMs, MOST_PAUSE_MS));
  else grant();
}

/**
 * Makes a function for long work that never waits: called often, it yields once the work has held the event loop for 5 ms.
 *
 * @returns the function; it returns a promise to await, or undefined while time is left
 */
export function yieldToOthers(client: Client): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < LIMIT_MS) return undefined;
    return awaitSlice(client).then(() => {
      began = performance.now();
    });
  };
}

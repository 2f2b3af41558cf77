import { setImmediate as nextIteration } from "node:timers/promises";

/** How long one request may hold the event loop. */
const LIMIT_MS = 5;

/**
 * Makes a function for long work that never waits: called often, it yields to the event loop once the work has held it for
 * 5 ms, so that other requests are answered in between.
 *
 * @returns the function; it returns a promise to await, or undefined while time is left
 */
export function yieldToOthers(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < LIMIT_MS) return undefined;
    return nextIteration().then(() => {
      began = performance.now();
    });
  };
}

import { setImmediate as nextTurn } from "node:timers/promises";

/** So long one request may hold up everyone else before they get their turn. */
const TURN_MS = 5;

/**
 * For work that goes on and on without waiting for anything: asked often, it lets others have their turn once this one
 * has lasted long enough.
 *
 * @returns what to wait for, or undefined while there is time left
 */
export function takeTurns(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < TURN_MS) return undefined;
    return nextTurn().then(() => {
      began = performance.now();
    });
  };
}

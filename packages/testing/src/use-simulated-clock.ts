import { afterEach, beforeEach, vi } from "vitest";

/** Has each test of a file run on fake timers. `node:timers/promises` is to be mocked by `simulated-timers.ts`. */
export function useSimulatedClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: [
        "setTimeout",
        "clearTimeout",
        "setInterval",
        "clearInterval",
        "setImmediate",
        "clearImmediate",
        "performance",
      ],
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

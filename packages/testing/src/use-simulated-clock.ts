import { afterEach, beforeEach, vi } from "vitest";

/** Runs each test of a file on fake timers, those of `node:timers/promises` included. */
export function useSimulatedClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      fakeNodeBuiltins: true,
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

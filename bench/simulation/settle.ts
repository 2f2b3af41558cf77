import { vi } from "vitest";

const realTurn = setImmediate;

/** Runs everything that is ready to run. Timers are fake: they pass when the simulation lets them. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await new Promise<void>((resolve) => realTurn(resolve));
    vi.advanceTimersByTime(0);
  }
}

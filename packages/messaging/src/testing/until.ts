import { vi } from "vitest";

/** A machine that others share may be this many times slower than one that is quiet. */
const SLACK = 4;

/** Waits until `condition` holds; `timeoutMs` is what it may take on a quiet machine. */
export function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  return vi.waitFor(
    async () => {
      if (!(await condition())) throw new Error(`still not so after ${timeoutMs} ms: ${condition}`);
    },
    { timeout: timeoutMs * SLACK, interval: 20 },
  );
}

import { setTimeout as wait } from "node:timers/promises";

/** Runs work again and again, this long after its last run ended, until stopped. A failure is reported and retried. */
export function repeat(everyMs: number, work: () => Promise<void>, onError: (error: unknown) => void) {
  const stopping = new AbortController();
  const { signal } = stopping;
  async function run(): Promise<void> {
    while (!signal.aborted) {
      await wait(everyMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await work().catch(onError);
    }
  }
  const running = run();
  return {
    async stop(): Promise<void> {
      stopping.abort();
      await running;
    },
  };
}

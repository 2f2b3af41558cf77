import { setTimeout as wait } from "node:timers/promises";

export type Repeated = { readonly stop: () => Promise<void> };

/** Runs work again and again, this long after its last run ended, until stopped. A failure is told and tried again. */
export function repeat(everyMs: number, work: () => Promise<void>, onError: (error: unknown) => void): Repeated {
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
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

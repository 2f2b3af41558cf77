/**
 * Shares the result of an expensive read: a call during a read waits for it, a call soon after it gets the same result, and
 * no call waits for long.
 *
 * @param maxAgeMs how old a result may be
 * @param timeoutMs how long a read may take; after that the next call begins another
 * @returns undefined if the read failed or took too long
 */
export function shareReading<Value>(
  read: () => Promise<Value>,
  { maxAgeMs, timeoutMs }: { readonly maxAgeMs: number; readonly timeoutMs: number },
): () => Promise<Value | undefined> {
  let shared: Promise<Value | undefined> | undefined;
  let endsAt = 0;

  async function readInTime(): Promise<Value | undefined> {
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, timeoutMs, undefined).unref());
    try {
      return await Promise.race([read(), late]);
    } catch {
      return undefined;
    } finally {
      endsAt = performance.now() + maxAgeMs;
    }
  }

  return () => {
    if (performance.now() < endsAt && shared !== undefined) return shared;
    endsAt = Number.POSITIVE_INFINITY;
    shared = readInTime();
    return shared;
  };
}

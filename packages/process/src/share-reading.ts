/**
 * Shares what costs something to read: whoever asks soon after a reading gets that one, whoever asks while one is under
 * way waits for it, and nobody waits for long.
 *
 * @param maxAgeMs how old a reading may be
 * @param timeoutMs how long one may take; after that the next to ask begins another
 * @returns undefined where it failed or took too long
 */
export function shareReading<Value>(
  read: () => Promise<Value>,
  { maxAgeMs, timeoutMs }: { readonly maxAgeMs: number; readonly timeoutMs: number },
): () => Promise<Value | undefined> {
  let shared: Promise<Value | undefined> | undefined;
  let endsAt = 0;

  async function readInTime(): Promise<Value | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), timeoutMs);
    try {
      return await Promise.race([read(), late.promise]);
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
      endsAt = performance.now() + maxAgeMs;
    }
  }

  return () => {
    if (shared === undefined || performance.now() >= endsAt) {
      endsAt = Number.POSITIVE_INFINITY;
      shared = readInTime();
    }
    return shared;
  };
}

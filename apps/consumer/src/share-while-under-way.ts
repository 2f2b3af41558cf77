/** Shares a call: who asks while one is under way waits for that one. */
export function shareWhileUnderWay<Result>(call: () => Promise<Result>): () => Promise<Result> {
  let shared: Promise<Result> | undefined;
  return () => {
    shared ??= call().finally(() => {
      shared = undefined;
    });
    return shared;
  };
}

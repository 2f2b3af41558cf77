/** Shares a call: callers that come while one is under way wait for that one. */
export function shareWhileUnderWay<Result>(call: () => Promise<Result>): () => Promise<Result> {
  let shared: Promise<Result> | undefined;
  return () => {
    shared ??= call().finally(() => {
      shared = undefined;
    });
    return shared;
  };
}

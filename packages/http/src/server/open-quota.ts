/** How much of something all callers may have together, and how much of it one of them may have. */
export type Limit = { readonly inAll: number; readonly each: number };

/** What a caller has of a quota. */
export type Lease = {
  /** Has so much from now on. → false if there is not that much for this caller, or the lease is released: nothing changes. */
  readonly resize: (amount: number) => boolean;
  readonly release: () => void;
};

/**
 * Counts what callers have of something that is limited, each and all together. It remembers a caller only as long as that
 * one has something, so it is itself bounded by what it counts.
 */
export function openQuota({ inAll, each }: Limit) {
  const amounts = new Map<string, number>();
  let total = 0;

  function change(caller: string, by: number): boolean {
    const own = (amounts.get(caller) ?? 0) + by;
    if (by > 0 && (own > each || total + by > inAll)) return false;
    total += by;
    if (own === 0) amounts.delete(caller);
    else amounts.set(caller, own);
    return true;
  }

  return {
    /** → a lease of nothing yet. */
    lease(caller: string): Lease {
      let [amount, isReleased] = [0, false];
      return {
        resize(to) {
          if (isReleased || !change(caller, to - amount)) return false;
          amount = to;
          return true;
        },
        release() {
          if (!isReleased) change(caller, -amount);
          isReleased = true;
        },
      };
    },
    total: () => total,
  };
}

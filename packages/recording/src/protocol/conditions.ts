/** Promises that wait for a condition. */
export type Conditions = {
  /** Resolves when the condition is met, at once if it is. */
  readonly until: (isMet: () => boolean) => Promise<void>;
  /** Checks what is waited for; to be called when something has changed. */
  readonly check: () => void;
  readonly isAwaited: () => boolean;
};

export function openConditions(): Conditions {
  let waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];
  return {
    until(isMet) {
      if (isMet()) return Promise.resolve();
      return new Promise((resolve) => waiting.push({ isMet, resolve }));
    },
    check() {
      if (waiting.length === 0) return;
      const met = waiting.filter(({ isMet }) => isMet());
      if (met.length === 0) return;
      waiting = waiting.filter((one) => !met.includes(one));
      for (const { resolve } of met) resolve();
    },
    isAwaited: () => waiting.length > 0,
  };
}

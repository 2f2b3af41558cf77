export type Alarm = {
  /** Goes off at a time of `performance.now()`, at the latest; an earlier one that is set stays. */
  readonly setBy: (at: number, now: number) => void;
  readonly clear: () => void;
};

/** One timer that can be set earlier, and takes no millisecond for what is due now. */
export function openAlarm(goOff: () => void): Alarm {
  let cancel: (() => void) | undefined;
  let setAt = Number.POSITIVE_INFINITY;

  function clear(): void {
    cancel?.();
    [cancel, setAt] = [undefined, Number.POSITIVE_INFINITY];
  }

  return {
    clear,
    setBy(at, now) {
      if (setAt <= at) return;
      clear();
      setAt = at;
      cancel = schedule(at - now, () => {
        clear();
        goOff();
      });
    },
  };
}

/** → what calls it off. */
function schedule(inMs: number, run: () => void): () => void {
  if (inMs > 0) {
    const timer = setTimeout(run, Math.max(inMs, 1));
    return () => clearTimeout(timer);
  }
  const immediate = setImmediate(run);
  return () => clearImmediate(immediate);
}

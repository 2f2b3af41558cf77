/** Resolves once there is a slot; what it gives back frees that slot again. */
export type Slots = { take(): Promise<() => void> };

/** So many at once; whoever comes later waits, in order. */
export function limitSlots(count: number): Slots {
  const queue: (() => void)[] = [];
  let free = count;

  function release(): void {
    const next = queue.shift();
    if (next === undefined) free++;
    else next();
  }

  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => queue.push(resolve));
      return release;
    },
  };
}

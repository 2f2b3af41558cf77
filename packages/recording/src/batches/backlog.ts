import type { Line, Lines } from "../lines/line.ts";

/** Of one batch. */
export type BatchLimits = { readonly maxLines: number; readonly maxBytes: number };

/** So much need not wait for more. */
const ENOUGH = { entries: 64, bytes: 64 * 1024 };

/** What is pending in memory, to be recorded or spooled: messages and spool rows, in their order. */
export function openBacklog({ maxLines, maxBytes }: BatchLimits) {
  /** Lines that arrived together and are not all taken yet, and their bytes in all. */
  let pending: { readonly lines: Lines; readonly bytes: number }[] = [];
  let bytes = 0;
  let isAwaited = false;
  return {
    add(lines: Lines, entry: { readonly bytes: number; readonly mayLinger: boolean }): void {
      pending.push({ lines, bytes: entry.bytes });
      bytes += entry.bytes;
      if (!entry.mayLinger) isAwaited = true;
    },
    /**
     * A message may hold half a million lines: they are made one by one as they are taken.
     *
     * @returns the lines of the next batch, at least one unless those left are blank, and whether it is as large as one
     * may be
     */
    take() {
      const lines: Line[] = [];
      let [lineBytes, exhausted] = [0, 0];
      const isFull = () => lines.length >= maxLines || lineBytes >= maxBytes;
      for (const entry of pending) {
        for (let next = entry.lines.next(); !next.done; next = entry.lines.next()) {
          lines.push(next.value);
          lineBytes += next.value.body.length;
          if (isFull()) break;
        }
        if (isFull()) break;
        exhausted++;
        bytes -= entry.bytes;
      }
      pending = pending.slice(exhausted);
      if (pending.length === 0) isAwaited = false;
      return { lines, isFull: isFull() };
    },
    /** How many messages and rows are pending, and their bytes. */
    size: () => ({ entries: pending.length, bytes }),
    /** Whether more may still be awaited before a batch begins: nobody waits for any of it, and it is little. */
    mayLinger: () => pending.length > 0 && pending.length < ENOUGH.entries && bytes < ENOUGH.bytes && !isAwaited,
    /** Forgets all of it. → the lines of spool rows among it, which hold one line each. */
    clear(): Line[] {
      const lines = pending.flatMap((entry) => entry.lines.next().value ?? []);
      [pending, bytes, isAwaited] = [[], 0, false];
      return lines.filter(({ spoolId }) => spoolId !== undefined);
    },
  };
}

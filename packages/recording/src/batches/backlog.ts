import type { Line, Lines } from "../lines/line.ts";

/** Lines that arrived together and are not all taken yet, and their bytes in all. */
type Entry = { readonly lines: Lines; readonly bytes: number };

/** Of one batch. */
export type BatchLimits = { readonly maxLines: number; readonly maxBytes: number };

/** What waits in memory, to be recorded or spooled: messages and spool rows, in their order. */
export type Backlog = {
  readonly add: (lines: Lines, options: { readonly bytes: number; readonly mayLinger: boolean }) => void;
  /** → the lines of the next batch, and whether it is as large as one may be. */
  readonly take: () => { readonly lines: Line[]; readonly isFull: boolean };
  /** How many messages and rows wait, and their bytes. */
  readonly size: () => { readonly entries: number; readonly bytes: number };
  /** Whether more may still be awaited before a batch begins: nobody waits for any of it, and it is little. */
  readonly mayLinger: () => boolean;
  /** Forgets all of it. → the lines of spool rows among it, which hold one line each. */
  readonly clear: () => Line[];
};

/** So much need not wait for more. */
const ENOUGH = { entries: 64, bytes: 64 * 1024 };

export function openBacklog(limits: BatchLimits): Backlog {
  let waiting: Entry[] = [];
  let bytes = 0;
  let isAwaited = false;
  return {
    add(lines, entry) {
      waiting.push({ lines, bytes: entry.bytes });
      bytes += entry.bytes;
      if (!entry.mayLinger) isAwaited = true;
    },
    take() {
      const { lines, exhausted, isFull } = takeLines(waiting, limits);
      for (const entry of waiting.slice(0, exhausted)) bytes -= entry.bytes;
      waiting = waiting.slice(exhausted);
      if (waiting.length === 0) isAwaited = false;
      return { lines, isFull };
    },
    size: () => ({ entries: waiting.length, bytes }),
    mayLinger: () => waiting.length > 0 && waiting.length < ENOUGH.entries && bytes < ENOUGH.bytes && !isAwaited,
    clear() {
      const rows: Line[] = [];
      for (const { lines } of waiting) {
        const { value: line } = lines.next();
        if (line?.spoolId !== undefined) rows.push(line);
      }
      [waiting, bytes, isAwaited] = [[], 0, false];
      return rows;
    },
  };
}

/**
 * Takes lines from what waits, in its order, up to a limit; at least one. A message may hold half a million: they are made
 * one by one as they are taken.
 *
 * @returns the lines, and how many of what waits is exhausted
 */
function takeLines(waiting: readonly Entry[], limits: BatchLimits) {
  const lines: Line[] = [];
  let bytes = 0;
  let exhausted = 0;
  const isFull = () => lines.length >= limits.maxLines || bytes >= limits.maxBytes;
  for (const { lines: arrived } of waiting) {
    let next = arrived.next();
    while (!next.done) {
      lines.push(next.value);
      bytes += next.value.body.length;
      if (isFull()) break;
      next = arrived.next();
    }
    if (!next.done) break;
    exhausted++;
  }
  return { lines, exhausted, isFull: isFull() };
}

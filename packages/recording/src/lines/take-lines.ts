import type { Line, Lines } from "./line.ts";

/** Lines that arrived together and are not all taken yet, and their bytes in all. */
export type Waiting = { readonly lines: Lines; readonly bytes: number };

export type Limits = { readonly maxLines: number; readonly maxBytes: number };

/**
 * Takes lines from what waits, in its order, up to a limit; at least one. A message may hold half a million: they are made
 * one by one as they are taken.
 *
 * @returns the lines, and how many of what waits is exhausted
 */
export function takeLines(waiting: readonly Waiting[], limits: Limits) {
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

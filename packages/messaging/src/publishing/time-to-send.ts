/** 1 Mbit/s. */
const LEAST_BYTES_PER_MS = 125;
const LONGEST_MS = 300_000;

/** → how long a body may take on its way over a slow line, in milliseconds; 5 minutes at most. */
export function timeToSend(bytes: number): number {
  return Math.min(bytes / LEAST_BYTES_PER_MS, LONGEST_MS);
}

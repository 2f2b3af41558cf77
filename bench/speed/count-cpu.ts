import { cpus } from "node:os";
import { readProcesses, TICKS_PER_SECOND } from "../harness/inspect-processes.ts";

/** Which processes a part of the machine is made of: these, and all that they have started. */
export type Parts = Readonly<Record<string, number | readonly number[]>>;

/**
 * → for each part, the seconds of processor time that it has used so far, and as `idle` those that nobody used on any
 * core; nothing for a part without /proc.
 */
export function countCpu(parts: Parts): Record<string, number> {
  const all = readProcesses();
  const treeOf = (pid: number): number => {
    const own = all.get(pid);
    if (own === undefined) return 0;
    return [...all.values()].reduce((sum, { parent, pid: id }) => sum + (parent === pid ? treeOf(id) : 0), own.ticks);
  };
  const used = Object.entries(parts).map(([name, pids]) => {
    const ticks = [pids].flat().reduce((sum, pid) => sum + treeOf(pid), 0);
    return [name, ticks / TICKS_PER_SECOND] as const;
  });
  const idle = cpus().reduce((sum, { times }) => sum + times.idle / 1_000, 0);
  return { ...Object.fromEntries(used), idle };
}

/** → microseconds for each of so many orders, by part. */
export function cpuPerOrder(before: Record<string, number>, after: Record<string, number>, orders: number) {
  return Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [name, ((seconds - (before[name] ?? 0)) * 1e6) / orders]),
  );
}

export function describeCpu(microseconds: Record<string, number>): string {
  return Object.entries(microseconds)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join(", ");
}

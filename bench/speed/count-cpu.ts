import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

/** Which processes a part of the machine is made of: these, and all that they have started. */
export type Parts = Readonly<Record<string, number | readonly number[]>>;

/** Of Linux. */
const TICKS_PER_SECOND = 100;

/**
 * → for each part, the seconds of processor time that it has used so far, and as `idle` those that nobody used on any
 * core; nothing for a part where there is no /proc.
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

/** The resident set of a process, in bytes. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(match?.[1]) * 1024;
}

type Process = { readonly pid: number; readonly parent: number; readonly ticks: number };

function readProcesses(): Map<number, Process> {
  const found = new Map<number, Process>();
  if (process.platform !== "linux") return found;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(join("/proc", name, "stat"), "utf8");
      // After the name: state, parent, …; times are of itself and of its children that have ended.
      const fields = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0);
      found.set(Number(name), { pid: Number(name), parent: fields[1] ?? 0, ticks });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

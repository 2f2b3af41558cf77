import { readdirSync, readFileSync } from "node:fs";
import { query } from "./query.ts";
import type { Servers } from "./start-servers.ts";

/** Of Linux: ticks a second, of processor time. */
export const TICKS_PER_SECOND = 100;

export type Process = {
  readonly pid: number;
  readonly parent: number;
  /** Processor time of itself, and of its children that have ended. */
  readonly ticks: number;
};

/** → every process of this machine by its id; none if there is no /proc */
export function readProcesses(): Map<number, Process> {
  const found = new Map<number, Process>();
  if (process.platform !== "linux") return found;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
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

/** The resident set of a process, in bytes. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(match?.[1]) * 1024;
}

/** The first processes of the servers, if they can be seen from here. */
export async function findServerPids({
  postgres,
  rabbitmq,
}: Pick<Servers, "postgres" | "rabbitmq">): Promise<Record<string, number>> {
  const [row] = await query<{ file: string }>(postgres.url, "select pg_read_file('postmaster.pid') as file");
  const broker = await rabbitmq.ctl("eval", "list_to_integer(os:getpid()).").catch(() => "");
  return {
    postgres: Number.parseInt(row?.file ?? "", 10),
    ...(Number(broker) > 0 && { broker: Number(broker) }),
  };
}

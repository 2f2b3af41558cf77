import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

const LINUX = process.platform === "linux";

/** → the name of a process's program, and when it started, as text to compare; undefined if there is none, or a zombie. */
function inspect(pid: number) {
  try {
    return LINUX ? readStat(pid) : askPs(pid);
  } catch {
    return undefined;
  }
}

function readStat(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return { name: stat.slice(stat.indexOf("(") + 1, nameEnd), started: fields[19] ?? "" };
}

function askPs(pid: number) {
  const line = execFileSync("ps", ["-o", "stat=,lstart=,comm=", "-p", String(pid)], { encoding: "utf8" }).trim();
  const [state = "Z", ...rest] = line.split(/\s+/);
  if (state.startsWith("Z")) return undefined;
  return { name: (rest.slice(5).join(" ").split("/").pop() ?? "").trim(), started: rest.slice(0, 5).join(" ") };
}

/**
 * → whether a process is PostgreSQL's and works on this data folder. A process counts as one if its folder can't be
 * read; one that has ended, or another program that got its id since, does not.
 */
export function isServer(pid: number, data: string): boolean {
  return /^(postgres|postmaster)$/.test(inspect(pid)?.name ?? "") && worksIn(pid, data) !== false;
}

/** → the ids of PostgreSQL's processes on a data folder. Linux only; elsewhere PostgreSQL's own check has to do. */
export function findServerProcesses(data: string): number[] {
  if (!LINUX) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => inspect(pid)?.name === "postgres" && worksIn(pid, data) === true);
}

/** PostgreSQL's processes work in their data folder. → whether this one does; undefined if that can't be read. */
function worksIn(pid: number, folder: string): boolean | undefined {
  if (!LINUX) return undefined;
  try {
    const here = statSync(`/proc/${pid}/cwd`);
    const there = statSync(folder);
    return here.dev === there.dev && here.ino === there.ino;
  } catch {
    return undefined;
  }
}

/** → a text that no other process has: id, time of the start, and the space of ids (boot and PID namespace). */
export function markOfThisProcess(): string {
  return [process.pid, inspect(process.pid)?.started ?? "", bootId(), pidNamespace()].join("\n");
}

/** → the process of a mark: `unknown` if it is of another container, whose processes can't be seen from here. */
export function inspectMark(mark: string): { readonly pid: number; readonly state: "alive" | "gone" | "unknown" } {
  const [id, started, boot, namespace] = mark.split("\n");
  const pid = Number(id);
  if (namespace === undefined) return { pid, state: "unknown" };
  if (boot !== bootId()) return { pid, state: "gone" };
  if (namespace !== pidNamespace()) return { pid, state: "unknown" };
  return { pid, state: inspect(pid)?.started === started ? "alive" : "gone" };
}

const bootId = () => (LINUX ? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() : "");
const pidNamespace = () => (LINUX ? readlinkSync("/proc/self/ns/pid") : "");

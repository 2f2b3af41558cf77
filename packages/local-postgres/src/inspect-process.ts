import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

const LINUX = process.platform === "linux";

/** What is known of a process: the name of its program, and when it started (comparable text). Zombies count as gone. */
type Seen = { readonly name: string; readonly started: string };

function look(pid: number): Seen | undefined {
  try {
    if (!LINUX) return lookByPs(pid);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const nameEnd = stat.lastIndexOf(")");
    const fields = stat.slice(nameEnd + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return { name: stat.slice(stat.indexOf("(") + 1, nameEnd), started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

function lookByPs(pid: number): Seen | undefined {
  const line = execFileSync("ps", ["-o", "stat=,lstart=,comm=", "-p", String(pid)], { encoding: "utf8" }).trim();
  const [state = "Z", ...rest] = line.split(/\s+/);
  if (state.startsWith("Z")) return undefined;
  return { name: (rest.slice(5).join(" ").split("/").pop() ?? "").trim(), started: rest.slice(0, 5).join(" ") };
}

/**
 * What the process with that id is to a data folder:
 * - `gone`: there is none, or it is a zombie;
 * - `stranger`: another program, or a PostgreSQL server of another folder, that got the id since;
 * - `server`: a PostgreSQL process of this folder, or one of which that can't be told.
 */
export function inspectServer(pid: number, data: string): "gone" | "stranger" | "server" {
  const seen = look(pid);
  if (seen === undefined) return "gone";
  if (!/^(postgres|postmaster)$/.test(seen.name)) return "stranger";
  return worksIn(pid, data) === false ? "stranger" : "server";
}

/** The ids of PostgreSQL's processes on a data folder. Linux only; elsewhere PostgreSQL's own check has to do. */
export function findServerProcesses(data: string): number[] {
  if (!LINUX) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => look(pid)?.name === "postgres" && worksIn(pid, data) === true);
}

/** Whether a process has that working folder, as every PostgreSQL process has its data folder; undefined: can't tell. */
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

/** A process told apart from any other that had or will have its id, among those that see one another's ids. */
export type ProcessMark = { readonly pid: number; readonly started: string; readonly idSpace: string };

export function markOfThisProcess(): ProcessMark {
  return { pid: process.pid, started: look(process.pid)?.started ?? "", idSpace: idSpace() };
}

/** `unknown`: its id belongs to another container, whose processes can't be seen from here. */
export function inspectMark(mark: ProcessMark): "alive" | "gone" | "unknown" {
  if (mark.idSpace !== idSpace()) return mark.idSpace.startsWith(boot()) ? "unknown" : "gone";
  return look(mark.pid)?.started === mark.started ? "alive" : "gone";
}

const idSpace = () => `${boot()} ${LINUX ? readlinkSync("/proc/self/ns/pid") : ""}`;
const boot = () => (LINUX ? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() : "");

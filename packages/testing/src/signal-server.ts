import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Sends a signal to a server's first process and to all that it started; nothing when there is none. */
export function signalServer(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  for (const id of [pid, ...childrenOf(pid)])
    try {
      process.kill(id, signal);
    } catch {
      // It has ended meanwhile.
    }
}

function childrenOf(pid: number): number[] {
  return (process.platform === "linux" ? parentsFromProc() : parentsFromPs())
    .filter(({ parent }) => parent === pid)
    .map(({ id }) => id);
}

type Kin = { readonly id: number; readonly parent: number };

/** Small Linux images have no `ps`. */
function parentsFromProc(): Kin[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, "utf8");
      return [{ id: Number(id), parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) }];
    } catch {
      return [];
    }
  });
}

function parentsFromPs(): Kin[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [id = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    return { id, parent };
  });
}

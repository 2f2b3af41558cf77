import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder, and processes at work in it, that do not outlive this process, however it ends. */
export type Remains = {
  readonly folder: string;
  /** A process that is to be killed with this one. */
  mind(pid: number): void;
  /** It has ended: its id may be another's soon. */
  forget(pid: number): void;
  /** Removes the folder now. Its processes must have ended. */
  remove(): void;
};

/**
 * Its standard input is closed when the process that started it is gone, killed or not. Then it kills the processes
 * that it minds, removes the folder, and runs the command that it was given, if any.
 */
const UNDERTAKER = `
trap '' INT TERM HUP
pids=
while read -r verb pid; do
  case "$verb $pids" in
    mind*) pids="$pids $pid " ;;
    *" $pid "*) pids="\${pids%% $pid *}\${pids#* $pid }" ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
folder=$1
shift
for attempt in 1 2 3 4 5; do rm -rf "$folder" 2>/dev/null && break; sleep 1; done
[ $# -eq 0 ] || exec "$@"
`;

/** Makes a temporary folder that will be gone with this process. `lastCommand` is run then as well. */
export function leaveNothing(prefix: string, lastCommand: readonly string[] = []): Remains {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const undertaker = spawn("/bin/sh", ["-c", UNDERTAKER, "sh", folder, ...lastCommand], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const { stdin } = undertaker;
  stdin.on("error", () => {}); // the child has ended
  undertaker.unref();
  if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  return {
    folder,
    mind: (pid) => void stdin.write(`mind ${pid}\n`),
    forget: (pid) => void stdin.write(`forget ${pid}\n`),
    remove() {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      stdin.end();
    },
  };
}

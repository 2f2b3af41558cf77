import { spawn } from "node:child_process";
import { fstatSync } from "node:fs";
import { exitCodes } from "./failure.ts";

/**
 * Ends the process once nobody reads its results, even if none come: Node reports a closed pipe only when it is written to.
 * GNU's `tail -f` watches its output as well, and ends by SIGPIPE. Where `tail` is another one, the next result ends the process.
 */
export function endWithReader(): void {
  const { fd } = process.stdout;
  if (!fstatSync(fd).isFIFO()) return;
  const watcher = spawn("tail", ["-f", `--pid=${process.pid}`, "/dev/null"], { stdio: ["ignore", fd, "ignore"] });
  watcher.once("error", () => {});
  watcher.once("exit", (_, signal) => {
    if (signal === "SIGPIPE") process.exit(exitCodes.readerGone);
  });
  watcher.unref();
  process.once("exit", () => watcher.kill());
}

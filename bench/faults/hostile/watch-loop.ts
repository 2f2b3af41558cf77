import { createServer } from "node:net";
import { join } from "node:path";

/**
 * Loaded into a process before its own code (`node --import`): reports {@link Watched} on a socket, a line of
 * JSON for each line that comes.
 *
 * A block of the event loop is measured in processor time of its thread, between two runs of a timer: what else the
 * machine does is not counted.
 */
export type Watched = {
  /** Since it was last asked. */
  readonly longestBlockMs: number;
  /** The most that it has ever held. */
  readonly mostResidentMb: number;
  /** What is in use after a full collection, where the line that came is "collect". */
  readonly heapMb: number;
};

const TURN_MS = 5;
const MEBIBYTE = 1024 * 1024;
const { WATCH_FOLDER } = process.env;

if (WATCH_FOLDER !== undefined) {
  let longestMs = 0;
  let used = process.threadCpuUsage();
  const sample = () => {
    const { user, system } = process.threadCpuUsage(used);
    used = process.threadCpuUsage();
    longestMs = Math.max(longestMs, (user + system) / 1_000);
  };
  setInterval(sample, TURN_MS).unref();

  const report = (collect: boolean): Watched => {
    sample();
    const longestBlockMs = longestMs;
    if (collect) globalThis.gc?.();
    const heapMb = process.memoryUsage().heapUsed / MEBIBYTE;
    const mostResidentMb = process.resourceUsage().maxRSS / 1024;
    used = process.threadCpuUsage();
    longestMs = 0;
    return { longestBlockMs, mostResidentMb, heapMb };
  };
  const server = createServer((socket) => {
    socket.unref();
    socket.setEncoding("utf8").on("error", () => {});
    socket.on("data", (line) => socket.write(`${JSON.stringify(report(line === "collect\n"))}\n`));
  });
  server.listen(join(WATCH_FOLDER, `${process.pid}.sock`)).unref();
}

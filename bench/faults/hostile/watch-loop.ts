import { createServer } from "node:net";
import { join } from "node:path";

/**
 * Loaded into a process before its own code (`node --import`): tells on a socket, a line of JSON for each line that comes,
 * what {@link Watched} holds.
 *
 * How long the event loop was held is told in processor time of its thread, between two turns of a timer: what else the
 * machine does is not counted.
 */
export type Watched = {
  /** Since it was last asked. */
  readonly longestHoldMs: number;
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
  const look = () => {
    const { user, system } = process.threadCpuUsage(used);
    used = process.threadCpuUsage();
    longestMs = Math.max(longestMs, (user + system) / 1_000);
  };
  setInterval(look, TURN_MS).unref();

  const tell = (collect: boolean): Watched => {
    look();
    const longestHoldMs = longestMs;
    if (collect) globalThis.gc?.();
    const heapMb = process.memoryUsage().heapUsed / MEBIBYTE;
    const mostResidentMb = process.resourceUsage().maxRSS / 1024;
    used = process.threadCpuUsage();
    longestMs = 0;
    return { longestHoldMs, mostResidentMb, heapMb };
  };
  const server = createServer((socket) => {
    socket.unref();
    socket.setEncoding("utf8").on("error", () => {});
    socket.on("data", (line) => socket.write(`${JSON.stringify(tell(line === "collect\n"))}\n`));
  });
  server.listen(join(WATCH_FOLDER, `${process.pid}.sock`)).unref();
}

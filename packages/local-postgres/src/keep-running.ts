import { setTimeout as sleep } from "node:timers/promises";
import { boundLog } from "./bound-log.ts";
import { endLeftovers, endOrphan, thawServer } from "./end-orphan.ts";
import type { Log } from "./log.ts";
import { type Address, keepOwnerSession } from "./owner-session.ts";
import { awaitSessions, type Launch, launchServer, type ServerExit, type ServerProcess } from "./server-process.ts";
import { removeShortSocketFolder } from "./socket-folder.ts";

export type Site = {
  readonly launch: Launch;
  readonly address: Address;
  readonly data: string;
  readonly socketFolder: string;
};

export type RunningServer = {
  pid(): number | undefined;
  onExit(listener: (exit: ServerExit) => void): void;
  stop(): Promise<void>;
};

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A server that ran this long gets the first pause again. */
const HEALTHY_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const KILL_LIMIT_MS = 2_000;

/** Starts a server, marks it as owned, and starts it again, after a growing pause, whenever it ends by itself. */
export async function keepRunning(site: Site, restart: boolean, log: Log): Promise<RunningServer> {
  const listeners: ((exit: ServerExit) => void)[] = [];
  let server = launchServer(site.launch);
  const first = await awaitSessions(server, site.address, site.launch.logFile, log).catch(async (error) => {
    await endServer(server, site.data);
    removeShortSocketFolder(site.socketFolder);
    throw error;
  });
  const stopMarking = keepOwnerSession(site.address, first, log);
  const stopBoundingLog = boundLog(site.launch.logFile, log);
  const stopping = new AbortController();

  const watch = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    let startedAt = Date.now();
    for (;;) {
      const exit = await server.exited;
      if (stopping.signal.aborted) return;
      log.error({ ...exit, restart }, "PostgreSQL ended by itself");
      for (const listener of listeners) listener(exit);
      if (!restart) return;
      if (Date.now() - startedAt > HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await endOrphan(site.data, "gone", log).catch((error: unknown) =>
        log.error({ err: error }, "can't start PostgreSQL yet"),
      );
      if (stopping.signal.aborted) return;
      startedAt = Date.now();
      server = launchServer(site.launch);
      log.info({ pid: server.pid }, "PostgreSQL was started again");
    }
  };
  const watching = watch();
  let stopped: Promise<void> | undefined;
  return {
    pid: () => (server.hasExited() ? undefined : server.pid),
    onExit: (listener) => void listeners.push(listener),
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        stopMarking();
        await endServer(server, site.data);
        await watching;
        stopBoundingLog();
        removeShortSocketFolder(site.socketFolder);
      })();
      return stopped;
    },
  };
}

/** Ends a server in order, or by force when that takes too long, and waits until no process of it is left. */
async function endServer(server: ServerProcess, data: string): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ["SIGINT", STOP_LIMIT_MS],
    ["SIGQUIT", KILL_LIMIT_MS],
    ["SIGKILL", KILL_LIMIT_MS],
  ];
  if (!server.hasExited()) thawServer(data);
  for (const [signal, limitMs] of steps) {
    if (server.hasExited()) break;
    server.signal(signal);
    await Promise.race([server.exited, sleep(limitMs)]);
  }
  await endLeftovers(data);
}

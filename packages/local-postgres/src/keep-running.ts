import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { endOrphan, endServer, type Postmaster } from "./end-server.ts";
import { limitLog } from "./limit-log.ts";
import { LocalPostgresError, type Log } from "./local-postgres-error.ts";
import { type Address, acquireLock, holdLock } from "./owner-lock.ts";
import { removeShortSocketFolder } from "./prepare-folders.ts";
import { handOver, type RunAs, spawnAs } from "./run-as.ts";

/** Everything that a server needs to start: its program, its folders, and where it listens. */
export type Site = {
  readonly program: string;
  readonly args: readonly string[];
  readonly runAs: RunAs;
  readonly environment: Readonly<Record<string, string>>;
  readonly data: string;
  readonly socketFolder: string;
  /** Receives the server's output. */
  readonly logFile: string;
  readonly address: Address;
};

/** How a server ended: its exit code, or the signal that killed it. */
type ServerExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type RunningServer = {
  /** The id of the server's first process; undefined while none runs. */
  pid(): number | undefined;
  /** Calls back when the server ends by itself. */
  onExit(listener: (exit: ServerExit) => void): void;
  /** Fast shutdown, by force after 5 s. Resolves when no process of it is left; any number of times. */
  stop(): Promise<void>;
};

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 10_000;
/** After a run of this length the back-off begins again. */
const HEALTHY_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

/** Starts a server, holds the owner's lock in it, and starts it again, after a growing back-off, whenever it ends by itself. */
export async function keepRunning(site: Site, restart: boolean, log: Log): Promise<RunningServer> {
  const { data, address, socketFolder, logFile } = site;
  const listeners: ((exit: ServerExit) => void)[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  let server = launchServer(site);
  const end = async () => {
    await endServer(server, data, STOP_LIMIT_MS);
    removeShortSocketFolder(socketFolder);
  };
  const session = await awaitLock(server, site, log).catch(async (error) => {
    await end();
    throw error;
  });
  void holdLock(address, session, log, signal);
  const limiting = limitLog(logFile, log);

  async function watch(): Promise<void> {
    let backOffMs = FIRST_BACK_OFF_MS;
    for (let startedAt = Date.now(); ; startedAt = Date.now()) {
      const exit = await server.exited;
      if (signal.aborted) return;
      log.error({ ...exit, restart }, "PostgreSQL ended by itself");
      for (const listener of listeners) listener(exit);
      if (!restart) return;
      if (Date.now() - startedAt > HEALTHY_MS) backOffMs = FIRST_BACK_OFF_MS;
      await sleep(backOffMs, undefined, { signal }).catch(() => {});
      backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS);
      await endOrphan(data, "gone", log).catch((err) => log.error({ err }, "can't start PostgreSQL yet"));
      if (signal.aborted) return;
      server = launchServer(site);
      log.info({ pid: server.pid }, "PostgreSQL was started again");
    }
  }
  const watching = watch();

  async function stop(): Promise<void> {
    stopping.abort();
    await end();
    await watching;
    clearInterval(limiting);
  }
  let stopped: Promise<void> | undefined;
  return {
    pid: () => (server.hasExited() ? undefined : server.pid),
    onExit: (listener) => void listeners.push(listener),
    stop: () => (stopped ??= stop()),
  };
}

type Server = Postmaster & { readonly pid: number | undefined; readonly exited: Promise<ServerExit> };

/** Starts `postgres` itself, which `pg_ctl` would detach. If this process exits without a stop, the server shuts down. */
function launchServer({ program, args, runAs, environment, logFile }: Site): Server {
  const output = openSync(logFile, "a", 0o600);
  const child = spawnAs(runAs, program, args, ["ignore", output, output], environment);
  closeSync(output);
  handOver(runAs, logFile);
  const shutDown = () => child.kill("SIGINT");
  process.on("exit", shutDown);
  const exited = once(child, "exit")
    .then(
      ([code, signal]) => ({ code, signal }),
      () => ({ code: null, signal: null }),
    )
    .finally(() => process.off("exit", shutDown));
  return {
    pid: child.pid,
    exited,
    hasExited: () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    signal: (signal) => void child.kill(signal),
  };
}

/** How long a server may leave connections unanswered; a server that answers that it recovers may take longer. */
const SILENCE_LIMIT_MS = 60_000;
const REPORT_EVERY_MS = 5_000;

/**
 * Waits until the server takes sessions, by trying, and acquires the owner's lock.
 *
 * @throws {LocalPostgresError} if the server ends instead, or stays silent
 */
async function awaitLock(server: Server, { address, logFile }: Site, log: Log): Promise<pg.Client> {
  let [answeredAt, reportedAt] = [Date.now(), Date.now()];
  for (;;) {
    const attempt = await acquireLock(address);
    if (attempt.kind === "acquired") return attempt.session;
    if (server.hasExited()) throw failed("PostgreSQL did not start", logFile);
    if (attempt.kind !== "unreachable") answeredAt = Date.now();
    if (Date.now() - answeredAt > SILENCE_LIMIT_MS)
      throw failed(`PostgreSQL (process ${server.pid}) answers nobody at ${address.host}:${address.port}`, logFile);
    if (Date.now() - reportedAt > REPORT_EVERY_MS) {
      reportedAt = Date.now();
      log.info({ state: attempt.kind }, "waiting for PostgreSQL, which may be recovering from a crash");
    }
    await sleep(10);
  }
}

function failed(problem: string, logFile: string): LocalPostgresError {
  const lastWords = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-6).join("\n");
  return new LocalPostgresError(`${problem}; its last words (${logFile}):\n${lastWords}`);
}

import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalPostgresError } from "./local-postgres-error.ts";
import type { Log } from "./log.ts";
import { type Address, knock, type OwnerSession } from "./owner-session.ts";
import { handOver, type RunAs, spawnAs } from "./run-as.ts";

/** How a server ended: its exit code, or the signal that killed it. */
export type ServerExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type ServerProcess = {
  readonly pid: number | undefined;
  readonly exited: Promise<ServerExit>;
  hasExited(): boolean;
  signal(signal: NodeJS.Signals): void;
};

export type Launch = {
  readonly program: string;
  readonly args: readonly string[];
  readonly runAs: RunAs;
  readonly environment: Readonly<Record<string, string>>;
  /** The file that takes what the server says. */
  readonly logFile: string;
};

/**
 * Starts `postgres` itself (`pg_ctl` would orphan it) in a process group of its own: a Ctrl-C would otherwise shut it
 * down under the one that needs it. When this process exits without having stopped it, it is told to shut down.
 */
export function launchServer({ program, args, runAs, environment, logFile }: Launch): ServerProcess {
  const output = openSync(logFile, "a", 0o600);
  const child = spawnAs(runAs, program, args, {
    ...{ detached: true, stdio: ["ignore", output, output] },
    env: environment,
  });
  closeSync(output);
  handOver(runAs, logFile);
  const shutDown = () => child.kill("SIGINT");
  process.on("exit", shutDown);
  const exited = new Promise<ServerExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  exited.then(() => process.off("exit", shutDown));
  return {
    pid: child.pid,
    exited,
    hasExited: () => hasEnded(child),
    signal: (signal) => void child.kill(signal),
  };
}

const hasEnded = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** How long a server may leave connections unanswered; one that says it is recovering may take longer. */
const SILENCE_LIMIT_MS = 60_000;

/**
 * Waits until the server takes sessions, by trying, and marks it as owned.
 *
 * @throws {LocalPostgresError} `failed` when it ends instead, or stays silent.
 */
export async function awaitSessions(
  server: ServerProcess,
  address: Address,
  logFile: string,
  log: Log,
): Promise<OwnerSession> {
  let silentSince = Date.now();
  let toldAt = Date.now();
  for (;;) {
    const answer = await knock(address);
    if (answer.kind === "marked") return answer.session;
    if (server.hasExited())
      throw new LocalPostgresError(
        "failed",
        `PostgreSQL did not start; its last words (${logFile}):\n${tail(logFile)}`,
      );
    if (answer.kind !== "unreachable") silentSince = Date.now();
    if (Date.now() - silentSince > SILENCE_LIMIT_MS)
      throw new LocalPostgresError(
        "failed",
        `PostgreSQL (process ${server.pid}) answers nobody at ${address.host}:${address.port}; its last words (${logFile}):\n${tail(logFile)}`,
      );
    if (Date.now() - toldAt > 5_000) {
      toldAt = Date.now();
      log.info({ state: answer.kind }, "waiting for PostgreSQL, which may be recovering from a crash");
    }
    await sleep(10);
  }
}

function tail(file: string): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-6).join("\n");
  } catch {
    return "(nothing)";
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";

/** A process started here, in a process group of its own, so that Ctrl-C reaches the test run first. */
export type OwnProcess = {
  readonly pid: number;
  /** → "exit 1" or "SIGKILL", once it has ended. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits; past the limit SIGKILL ends what did not listen. */
  end(signal: NodeJS.Signals, limitMs: number): Promise<void>;
  /** The last lines that it wrote. */
  tail(): string;
};

type Start = { readonly command: string; readonly args: readonly string[]; readonly cwd: string };

/** Starts a process whose output goes to a file. It is ended, by its id, when this process exits before it. */
export function startOwnProcess(
  { command, args, cwd }: Start,
  env: NodeJS.ProcessEnv,
  logFile: string,
): Promise<OwnProcess> {
  const output = openSync(logFile, "a");
  const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  const forget = atExit(() => child.kill("SIGKILL"));
  ended.then(forget);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(ownProcess(child, ended, logFile)));
  });
}

function ownProcess(child: ChildProcess, ended: Promise<string>, logFile: string): OwnProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error(`a process that was started has no id: ${child.spawnfile}`);
  return {
    pid,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    signal: (signal) => void child.kill(signal),
    async end(signal, limitMs) {
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
      await ended;
      clearTimeout(timer);
    },
    tail: () => readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-12).join("\n"),
  };
}

/** Runs `act` while this process (or test worker) exits; → what takes that back. */
export function atExit(act: () => void): () => void {
  process.on("exit", act);
  return () => process.off("exit", act);
}

/** Removes a folder of a server that has ended. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Remains } from "./leave-nothing.ts";

/** A process started here, in a process group of its own, so that Ctrl-C reaches the test run first. */
export type OwnProcess = {
  readonly pid: number;
  /** How it ended: its exit code, or the signal that killed it. */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  hasEnded(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits; past the limit SIGKILL ends what did not listen. */
  end(signal: NodeJS.Signals, limitMs: number): Promise<void>;
  /** All that it has written, and what went before it into the same folder's file. */
  output(): string;
  /** The last lines of it. */
  tail(): string;
};

/**
 * Starts a process with that environment and no more, at work in that folder, whose output goes to a file there. It does
 * not outlive this process.
 */
export async function startOwnProcess(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  remains: Remains,
): Promise<OwnProcess> {
  const logFile = join(remains.folder, "output.log");
  const output = openSync(logFile, "a");
  const child = spawn(command, args, {
    cwd: remains.folder,
    env: { ...env },
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  const exit = new Promise<Awaited<OwnProcess["exit"]>>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  await once(child, "spawn");
  const { pid } = child;
  if (pid === undefined) throw new Error(`a process that was started has no id: ${command}`);
  remains.mind(pid);
  exit.then(() => remains.forget(pid));
  const read = () => readFileSync(logFile, "utf8");
  return {
    pid,
    exit,
    hasEnded: () => hasEnded(child),
    signal: (signal) => void child.kill(signal),
    async end(signal, limitMs) {
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
      await exit;
      clearTimeout(timer);
    },
    output: read,
    tail: () => read().trimEnd().split("\n").slice(-12).join("\n"),
  };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

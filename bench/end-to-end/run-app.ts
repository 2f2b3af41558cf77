import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export type App = "api" | "consumer" | "migrate";

/** A bundle at work. Its output is kept for the message of a test that fails. */
export type RunningApp = {
  readonly child: ChildProcess;
  /** Ends with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly output: () => string;
  /** SIGTERM; → how it ended. Past 12 s it is killed. */
  readonly terminate: () => Promise<number | NodeJS.Signals>;
};

export const REPOSITORY = join(import.meta.dirname, "../..");

/** Runs `apps/<app>/dist/main.js`, or the copy of it in another folder, on the Node that runs the tests. */
export function runApp(
  app: App,
  env: Readonly<Record<string, string>>,
  folder = join(REPOSITORY, "apps", app, "dist"),
): RunningApp {
  const child = spawn(process.execPath, ["main.js"], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const onExit = () => child.kill("SIGKILL");
  process.once("exit", onExit);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk).slice(-20_000);
    });
  const ended = once(child, "close").then(([code, signal]: (number | NodeJS.Signals)[]) => {
    process.off("exit", onExit);
    return code ?? signal ?? "SIGKILL";
  });
  return {
    child,
    ended,
    output: () => output,
    async terminate() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 12_000);
      const how = await ended;
      clearTimeout(timer);
      return how;
    },
  };
}

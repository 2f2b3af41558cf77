import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@pedidos/testing";
import { onTestFinished } from "vitest";

export type RunningStandalone = {
  readonly process: ChildProcess;
  readonly base: string;
  /** Everything that it has written. */
  output(): string;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string): Promise<Response>;
};

/** For tests: the standalone as `pnpm start` runs it, in a process that does not outlive the test. */
export async function runStandalone(
  env: Record<string, string>,
  main = join(import.meta.dirname, "main.ts"),
): Promise<RunningStandalone> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: "warn", PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  });
  const base = `http://127.0.0.1:${port}`;
  return {
    process: child,
    base,
    output: () => output,
    post: (path, body, headers = {}) =>
      fetch(base + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    get: (path) => fetch(base + path),
  };
}

/** For tests: resolves once it is ready for orders. @throws with its output when it ends instead */
export async function ready(standalone: RunningStandalone): Promise<RunningStandalone> {
  for (;;) {
    if (standalone.process.exitCode !== null) throw new Error(`the standalone ended: ${standalone.output()}`);
    const answer = await standalone.get("/health/ready").catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return standalone;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** For tests: sends a signal; → the exit code. */
export async function end(standalone: RunningStandalone, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(standalone.process, "exit");
  standalone.process.kill(signal);
  const [code] = await exit;
  return code;
}

/** For tests: a data folder that is gone after the test. */
export function makeDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "standalone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return join(folder, "data");
}

/** For tests: the processes that work in a folder or below it; on Linux, where that can be seen. */
export function processesIn(folder: string): string[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc").filter((id) => {
    try {
      return /^\d+$/.test(id) && readlinkSync(`/proc/${id}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

/** For tests: the first process of the PostgreSQL server of a data folder. */
export function serverPid(folder: string): number {
  return Number.parseInt(readFileSync(join(folder, "postgres", "postmaster.pid"), "utf8"), 10);
}

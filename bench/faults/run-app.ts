import { setTimeout as wait } from "node:timers/promises";
import { leaveNothing, type OwnProcess, startOwnProcess } from "@pedidos/testing";
import type { BadEnd } from "./history.ts";

/** A process of ours that can be killed, frozen, ended and started again. */
export type App = {
  readonly name: string;
  /** Where it serves HTTP; the same across starts. */
  readonly port: number;
  readonly start: () => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** SIGTERM; it has 10 s to end with 0. */
  readonly terminate: () => Promise<void>;
  /** Resolves when it says that it is ready. */
  readonly ready: () => Promise<void>;
  /** The last lines that it wrote. */
  readonly tail: () => string;
  /** Undefined before its first start. */
  readonly pid: () => number | undefined;
  readonly remove: () => Promise<void>;
};

export type AppOptions = {
  readonly name: string;
  /** A built bundle, or a TypeScript file. */
  readonly entry: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly onBadEnd: (end: BadEnd) => void;
};

const END_LIMIT_MS = 10_000;
const READY_LIMIT_MS = 30_000;

/** Prepares a process; `start` starts it, on the Node that runs this. It does not outlive this process. */
export function prepareApp({ name, entry, port, env, onBadEnd }: AppOptions): App {
  const remains = leaveNothing(`pedidos-${name}-`);
  let running: OwnProcess | undefined;
  let expected = true;

  async function start(): Promise<void> {
    if (running !== undefined && !running.hasEnded()) return;
    expected = false;
    const started = await startOwnProcess(process.execPath, [entry], env, remains);
    running = started;
    void started.exit.then(({ code, signal }) => {
      if (!expected) onBadEnd({ name, what: `ended by itself (${signal ?? code}): ${started.tail().slice(-800)}` });
    });
  }

  async function kill(): Promise<void> {
    expected = true;
    await running?.end("SIGKILL", 0);
  }

  async function terminate(): Promise<void> {
    if (running === undefined || running.hasEnded()) return;
    // One that has yet to say what a signal does is ended by it.
    const isUp = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    expected = true;
    running.signal("SIGTERM");
    const end = await Promise.race([running.exit, wait(END_LIMIT_MS)]);
    if (end === undefined) onBadEnd({ name, what: `did not end within ${END_LIMIT_MS} ms of SIGTERM` });
    else if (end.code !== 0 && isUp)
      onBadEnd({ name, what: `ended with ${end.signal ?? end.code} on SIGTERM: ${running.tail().slice(-800)}` });
    if (end === undefined) await kill();
  }

  async function ready(): Promise<void> {
    const deadline = Date.now() + READY_LIMIT_MS;
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
      const body = await response?.text();
      if (response?.status === 200 && body?.includes('"ready"')) return;
      if (Date.now() > deadline)
        throw new Error(`${name} is not ready after ${READY_LIMIT_MS} ms: ${body}\n${running?.tail()}`);
      await wait(100);
    }
  }

  return {
    name,
    port,
    start,
    kill,
    freeze: () => running?.signal("SIGSTOP"),
    thaw: () => running?.signal("SIGCONT"),
    terminate,
    ready,
    tail: () => running?.tail() ?? "",
    pid: () => running?.pid,
    async remove() {
      await kill();
      remains.remove();
    },
  };
}

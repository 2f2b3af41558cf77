import { setTimeout as wait } from "node:timers/promises";
import { findFreePort, leaveNothing, type OwnProcess, startOwnProcess } from "@pedidos/testing";
import { awaitReady } from "./await-ready.ts";

/** How a process ended: its exit code, or the signal that killed it. */
export type Ending = number | NodeJS.Signals;

/** A process that ended by itself, or otherwise than it was asked to. */
export type BadEnd = { readonly name: string; readonly what: string };

export type AppOptions = {
  /** In messages. Default "app". */
  readonly name?: string;
  /** A built bundle, or a TypeScript file. */
  readonly entry: string;
  /** Its whole environment, but for PATH, HOME and TMPDIR, and for PORT and HEALTH_PORT, which are its own free port. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onBadEnd?: ((end: BadEnd) => void) | undefined;
};

/** A process of ours that can be killed, frozen, ended and started again. It does not outlive this process. */
export type App = {
  readonly name: string;
  /** Where it serves HTTP on 127.0.0.1; the same across starts. */
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly base: string;
  readonly start: () => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly kill: () => Promise<void>;
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** SIGTERM, and SIGKILL after 10 s. → how it ended; undefined if it never ran */
  readonly terminate: () => Promise<Ending | undefined>;
  /** Resolves when it is ready. @throws with its output when it ends instead, or is not ready after 30 s */
  readonly ready: () => Promise<void>;
  /** → how its latest run ended, once it has */
  readonly ended: () => Promise<Ending | undefined>;
  /** Undefined before its first start. */
  readonly pid: () => number | undefined;
  /** All that it has written. */
  readonly output: () => string;
  /** The last lines of it. */
  readonly tail: () => string;
  readonly remove: () => Promise<void>;
};

const END_LIMIT_MS = 10_000;
const { PATH, HOME, TMPDIR } = process.env;

/** Prepares a process on the Node that runs this; `start` starts it. */
export async function prepareApp({ name = "app", entry, env, onBadEnd = () => {} }: AppOptions): Promise<App> {
  const port = await findFreePort();
  const base = `http://127.0.0.1:${port}`;
  const remains = leaveNothing(`pedidos-${name}-`);
  const environment = { PATH, HOME, TMPDIR, PORT: String(port), HEALTH_PORT: String(port), ...env };
  let running: OwnProcess | undefined;
  let isEndExpected = true;

  async function start(): Promise<void> {
    if (running !== undefined && !running.hasEnded()) return;
    isEndExpected = false;
    const started = await startOwnProcess(process.execPath, [entry], environment, remains);
    running = started;
    void started.exit.then(({ code, signal }) => {
      if (!isEndExpected)
        onBadEnd({ name, what: `ended by itself (${signal ?? code}): ${started.tail().slice(-800)}` });
    });
  }

  async function ended(): Promise<Ending | undefined> {
    const exit = await running?.exit;
    return exit?.signal ?? exit?.code ?? undefined;
  }

  async function kill(): Promise<void> {
    isEndExpected = true;
    await running?.end("SIGKILL", 0);
  }

  async function terminate(): Promise<Ending | undefined> {
    if (running === undefined || running.hasEnded()) return await ended();
    // A process that has not yet installed its handlers is ended by the signal itself.
    const isUp = await fetch(`${base}/health/live`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    isEndExpected = true;
    running.signal("SIGTERM");
    const end = await Promise.race([running.exit, wait(END_LIMIT_MS)]);
    if (end === undefined) {
      onBadEnd({ name, what: `did not end within ${END_LIMIT_MS} ms of SIGTERM` });
      await kill();
    } else if (end.code !== 0 && isUp)
      onBadEnd({ name, what: `ended with ${end.signal ?? end.code} on SIGTERM: ${running.tail().slice(-800)}` });
    return await ended();
  }

  const output = () => running?.output() ?? "";
  return {
    name,
    port,
    base,
    start,
    signal: (signal) => running?.signal(signal),
    kill,
    freeze: () => running?.signal("SIGSTOP"),
    thaw: () => running?.signal("SIGCONT"),
    terminate,
    ready: () => awaitReady({ name, port, hasEnded: () => running?.hasEnded() === true, output }),
    ended,
    pid: () => running?.pid,
    output,
    tail: () => running?.tail() ?? "",
    async remove() {
      await kill();
      remains.remove();
    },
  };
}

/** Prepares and starts a process; its `ready` says when it is. */
export async function startApp(options: AppOptions): Promise<App> {
  const app = await prepareApp(options);
  await app.start();
  return app;
}

import { type LocalPostgres, startLocalPostgres } from "@pedidos/local-postgres";
import { findFreePort } from "./find-free-port.ts";
import { leaveNothing } from "./leave-nothing.ts";
import { signalServer } from "./signal-server.ts";

export type PostgresOptions = {
  /** True: with fsync, as in production, for fault runs and benchmarks. Default false. */
  readonly durable?: boolean;
  /** More of PostgreSQL's settings, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** More of its environment, by name. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its files go, and stay. Default a temporary folder. */
  readonly folder?: string;
};

/** A private PostgreSQL server; the superuser is `postgres`, let in without a password on loopback. */
export type Postgres = {
  /** Of the database `postgres`. It stays the same across `stop`, `kill` and `start`. */
  readonly url: string;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
  /** Fast shutdown; its files stay. */
  stop(): Promise<void>;
  /** SIGKILL to every process of it; its files stay. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Stops it in its tracks, every connection left open. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its files. What is not removed is, when this process exits. */
  remove(): Promise<void>;
};

const ignore = () => {};
const complain = (fields: object, message: string) =>
  process.stderr.write(`private PostgreSQL: ${message} ${JSON.stringify(fields)}\n`);

/**
 * Starts a PostgreSQL server of its own on a free port: that of the npm package, or the one whose folder (with `bin/` in
 * it) TEST_POSTGRES_DIR names, so that a suite can be run on another version.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { durable = false, settings = {}, environment = {} } = options;
  const remains = leaveNothing("pedidos-postgres-");
  const port = await findFreePort();
  let server: LocalPostgres | undefined;
  const start = async () => {
    if (server !== undefined) return server.connectionString;
    server = await startLocalPostgres({
      directory: options.folder ?? remains.folder,
      binaries: process.env.TEST_POSTGRES_DIR || undefined,
      listen: { host: "127.0.0.1", port },
      settings: { max_connections: "200", ...settings },
      environment,
      durable,
      restart: false,
      log: { info: ignore, warn: complain, error: ignore },
    });
    const pid = server.pid();
    if (pid !== undefined) remains.mind(pid);
    server.onExit(() => pid !== undefined && remains.forget(pid));
    return server.connectionString;
  };
  const stop = async () => {
    const pid = server?.pid();
    signalServer(pid, "SIGCONT");
    await server?.stop();
    if (pid !== undefined) remains.forget(pid);
    server = undefined;
  };
  const kill = async () => {
    signalServer(server?.pid(), "SIGKILL");
    await stop();
  };
  const url = await start();
  return {
    url,
    start: async () => void (await start()),
    stop,
    kill,
    async restart() {
      await stop();
      await start();
    },
    freeze: () => signalServer(server?.pid(), "SIGSTOP"),
    thaw: () => signalServer(server?.pid(), "SIGCONT"),
    async remove() {
      await kill();
      remains.remove();
    },
  };
}

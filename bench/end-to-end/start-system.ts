import { findFreePort } from "@pedidos/testing";
import amqp from "amqplib";
import pg from "pg";
import { vi } from "vitest";
import { type Guarded, guardedDatabase, guardedVirtualHost } from "./least-privilege.ts";
import { type RunningApp, runApp } from "./run-app.ts";

/** The built API and consumer on real services, and every door that they have. */
export type System = {
  readonly base: string;
  /** As the owner. */
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  readonly api: RunningApp;
  readonly consumer: RunningApp;
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, body: string, headers?: Record<string, string>) => Promise<Answer>;
  /** What `/health/ready` of both says: [API, consumer]. */
  readonly readiness: () => Promise<[Answer, Answer]>;
  readonly channel: () => Promise<amqp.ConfirmChannel>;
  readonly sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;
  readonly stop: () => Promise<void>;
};

export type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly headers: Headers };

export type SystemOptions = {
  /** Of the caller's own, for every process; where left out, fresh ones where each process may do no more than it must. */
  readonly databaseUrl?: string;
  readonly amqpUrl?: string;
  /** Whether to migrate first (default), which needs the database to be there. */
  readonly migrate?: boolean;
  readonly env?: Readonly<Record<string, string>>;
};

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const closing: (() => Promise<unknown>)[] = [];
  const database = options.databaseUrl === undefined ? await guardedDatabase() : unguarded(options.databaseUrl);
  closing.push(database.drop);
  const vhost = options.amqpUrl === undefined ? await guardedVirtualHost() : unguarded(options.amqpUrl);
  closing.push(vhost.drop);
  const [port, healthPort] = [await findFreePort(), await findFreePort()];
  const env = (app: "api" | "consumer") => ({
    DATABASE_URL: database.as[app],
    AMQP_URL: vhost.as[app],
    LOG_LEVEL: "warn",
    ...options.env,
  });
  if (options.migrate !== false) await migrate(database.as.migrate);
  const api = runApp("api", { ...env("api"), PORT: `${port}` });
  const consumer = runApp("consumer", { ...env("consumer"), HEALTH_PORT: `${healthPort}` });
  closing.push(api.terminate, consumer.terminate);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on("error", () => {});
  // Dropping the database may overtake the end of a connection.
  pool.on("connect", (client) => client.on("error", () => {}));
  closing.push(() => pool.end());
  const base = `http://127.0.0.1:${port}`;
  const system: System = {
    base,
    databaseUrl: database.url,
    amqpUrl: vhost.url,
    api,
    consumer,
    get: async (path) => answer(await fetch(base + path)),
    post: async (path, body, headers = {}) =>
      answer(
        await fetch(base + path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } }),
      ),
    readiness: async () => [
      await answer(await fetch(`${base}/health/ready`)),
      await answer(await fetch(`http://127.0.0.1:${healthPort}/health/ready`)),
    ],
    async channel() {
      const connection = await amqp.connect(vhost.url);
      connection.on("error", () => {});
      closing.push(() => connection.close().catch(() => {}));
      return connection.createConfirmChannel();
    },
    sql: async (text, values) => (await pool.query(text, values)).rows,
    async stop() {
      for (const close of closing.reverse()) await close();
    },
  };
  await vi.waitFor(() => fetch(`${base}/health/live`), { timeout: 20_000, interval: 50 });
  return system;
}

function unguarded(url: string): Guarded<"migrate" | "api" | "consumer"> {
  return { url, as: { migrate: url, api: url, consumer: url }, drop: async () => {} };
}

export async function migrate(databaseUrl: string): Promise<void> {
  const run = runApp("migrate", { DATABASE_URL: databaseUrl });
  if ((await run.ended) !== 0) throw new Error(`the migrator failed: ${run.output()}`);
}

async function answer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, body: isJson ? JSON.parse(text) : {}, headers: response.headers };
}

/** Waits until a check no longer throws. */
export function until<Value>(check: () => Promise<Value> | Value, timeout = 60_000): Promise<Value> {
  return vi.waitFor(check, { timeout, interval: 100 });
}

export function orderText(orderId: number, { customerId = 1, quantity = 2, unitPrice = "1.50" } = {}): string {
  return JSON.stringify({ orderId, customerId, items: [{ product: "pen", quantity, unitPrice }] });
}

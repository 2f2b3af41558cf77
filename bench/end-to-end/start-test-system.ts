import { hash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import amqp from "amqplib";
import pg from "pg";
import { vi } from "vitest";
import { bundleOf } from "../harness/bundles.ts";
import { runMigrator } from "../harness/run-migrator.ts";
import { type System, startAll, startSystem } from "../harness/start-system.ts";
import { guardedDatabase, guardedVirtualHost, unguarded } from "./least-privilege.ts";

/** The built API and consumer on real services, and every door that they have. URLs are of the owner. */
export type TestSystem = System & {
  /** Of the API. */
  readonly base: string;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly post: (path: string, body: string, headers?: Record<string, string>) => Promise<Answer>;
  /** What `/health/ready` of both says: [API, consumer]. */
  readonly readiness: () => Promise<[Answer, Answer]>;
  readonly channel: () => Promise<amqp.ConfirmChannel>;
  readonly sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;
  readonly stop: () => Promise<void>;
};

export type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly headers: Headers };

export type TestSystemOptions = {
  /** Of the caller's own, for every process; where left out, fresh ones where each process may do no more than it must. */
  readonly databaseUrl?: string;
  readonly amqpUrl?: string;
  /** Whether to migrate first (default), which needs the database to be there. */
  readonly migrate?: boolean;
  /** False: if a server is away. Default: API and consumer are ready. */
  readonly awaitReady?: boolean;
  /** Keys of the API; without any it is open to all. */
  readonly keys?: readonly { readonly name: string; readonly key: string; readonly scopes: readonly string[] }[];
  readonly env?: Readonly<Record<string, string>>;
};

export async function startTestSystem(options: TestSystemOptions = {}): Promise<TestSystem> {
  const closing: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closing.reverse()) await close();
  };
  const database = options.databaseUrl === undefined ? await guardedDatabase() : unguarded(options.databaseUrl);
  closing.push(database.drop);
  const vhost = options.amqpUrl === undefined ? await guardedVirtualHost() : unguarded(options.amqpUrl);
  closing.push(vhost.drop);
  if (options.migrate !== false) await runMigrator(database.as.migrate);
  const keysFile = options.keys && writeKeys(options.keys, closing);
  const appOf = (app: "api" | "consumer") => ({
    entry: bundleOf(app),
    env: {
      DATABASE_URL: database.as[app],
      AMQP_URL: vhost.as[app],
      DEAD_LETTERS_AMQP_URL: vhost.as.deadLetters,
      LOG_LEVEL: "warn",
      API_KEYS_FILE: keysFile,
      ...options.env,
    },
  });
  const system = await startSystem({
    databaseUrl: database.url,
    amqpUrl: vhost.url,
    apps: { api: appOf("api"), consumer: appOf("consumer") },
    start: false,
  });
  const { api, consumer } = system.apps;
  closing.push(system.remove, api.terminate, consumer.terminate);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on("error", () => {});
  // Dropping the database may overtake the end of a connection.
  pool.on("connect", (client) => client.on("error", () => {}));
  closing.push(() => pool.end());
  try {
    if (options.awaitReady !== false) await startAll([api, consumer]);
    else await Promise.all([api.start(), consumer.start()]);
    await vi.waitFor(() => fetch(`${api.base}/health/live`), { timeout: 20_000, interval: 50 });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...system,
    base: api.base,
    get: async (path, headers = {}) => answer(await fetch(api.base + path, { headers })),
    post: async (path, body, headers = {}) =>
      answer(
        await fetch(api.base + path, {
          method: "POST",
          body,
          headers: { "content-type": "application/json", ...headers },
        }),
      ),
    readiness: async () => [
      await answer(await fetch(`${api.base}/health/ready`)),
      await answer(await fetch(`${consumer.base}/health/ready`)),
    ],
    async channel() {
      const connection = await amqp.connect(vhost.url);
      connection.on("error", () => {});
      closing.push(() => connection.close().catch(() => {}));
      return connection.createConfirmChannel();
    },
    sql: async (text, values) => (await pool.query(text, values)).rows,
    stop,
  };
}

function writeKeys(keys: NonNullable<TestSystemOptions["keys"]>, closing: (() => unknown)[]): string {
  const folder = mkdtempSync(join(tmpdir(), "pedidos-keys-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "keys.json");
  writeFileSync(file, JSON.stringify(keys.map(({ key, ...rest }) => ({ ...rest, sha256: hash("sha256", key) }))));
  return file;
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

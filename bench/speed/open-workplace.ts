import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, schemaDirectory } from "@pedidos/persistence";
import { findFreePort, type Postgres, type Rabbitmq, startPostgres, startRabbitmq } from "@pedidos/testing";
import { type App, prepareApp } from "../faults/run-app.ts";
import { query } from "./query.ts";

/** What can be started here. A bundle is a copy, so that a build meanwhile changes nothing. */
type Runnable = "api" | "consumer" | { readonly name: string; readonly file: string };

/** Servers of the run's own, durable as in production, and what is started on them. */
export type Workplace = {
  readonly postgres: Postgres;
  readonly rabbitmq: Rabbitmq;
  readonly amqpUrl: string;
  /** → the URL of a database that holds the schema and nothing else. */
  readonly freshDatabase: () => Promise<string>;
  /** Starts a process of ours and waits until it is ready; it is gone when the run is, at the latest. */
  readonly start: (what: Runnable, databaseUrl: string, env?: Readonly<Record<string, string>>) => Promise<App>;
  /** As `start`, without starting it. */
  readonly prepare: (what: Runnable, databaseUrl: string, env?: Readonly<Record<string, string>>) => Promise<App>;
  /** The folder of a bundle's copy. */
  readonly bundle: (app: "api" | "consumer") => string;
  /** Ids of orders that nobody has used. */
  readonly takeIds: (count: number) => number;
  readonly remove: () => Promise<void>;
};

const ROOT = join(import.meta.dirname, "../..");
const TEMPLATE = "bench_template";

export async function openWorkplace(): Promise<Workplace> {
  const bundles = mkdtempSync(join(tmpdir(), "pedidos-bench-"));
  for (const app of ["api", "consumer"]) cpSync(bundleOf(app), join(bundles, app), { recursive: true });
  // As beside the originals: without it Node takes them for CommonJS first, and compiles them twice.
  writeFileSync(join(bundles, "package.json"), '{"type":"module"}');
  const [postgres, rabbitmq] = await Promise.all([startPostgres({ durable: true }), startRabbitmq()]);
  await query(postgres.url, `create database ${TEMPLATE}`);
  await migrate({ connectionString: databaseNamed(TEMPLATE), directory: schemaDirectory() });
  const apps: App[] = [];
  let nextId = 1_000_000_000;

  function databaseNamed(name: string): string {
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  async function prepare(what: Runnable, databaseUrl: string, env: Readonly<Record<string, string>> = {}) {
    const port = await findFreePort();
    const { name, file } = typeof what === "string" ? { name: what, file: join(bundles, what, "main.js") } : what;
    const app = prepareApp({
      name,
      entry: file,
      port,
      env: {
        DATABASE_URL: databaseUrl,
        AMQP_URL: rabbitmq.url,
        [what === "consumer" ? "HEALTH_PORT" : "PORT"]: String(port),
        PEDIDOS_QUEUE: "off",
        ...env,
      },
      onBadEnd: ({ what: how }) => process.stderr.write(`${name} ${how}\n`),
    });
    apps.push(app);
    return app;
  }

  return {
    postgres,
    rabbitmq,
    amqpUrl: rabbitmq.url,
    async freshDatabase() {
      const name = `bench_${randomBytes(6).toString("hex")}`;
      await query(postgres.url, `create database ${name} template ${TEMPLATE}`);
      return databaseNamed(name);
    },
    prepare,
    async start(what, databaseUrl, env) {
      const app = await prepare(what, databaseUrl, env);
      await app.start();
      await app.ready();
      return app;
    },
    bundle: (app) => join(bundles, app),
    takeIds(count) {
      const first = nextId;
      nextId += count;
      return first;
    },
    async remove() {
      await Promise.all(apps.map((app) => app.remove()));
      await Promise.all([postgres.remove(), rabbitmq.remove()]);
      rmSync(bundles, { recursive: true, force: true });
    },
  };
}

function bundleOf(app: string): string {
  const folder = join(ROOT, "apps", app, "dist");
  if (!existsSync(join(folder, "main.js"))) throw new Error(`${folder} holds no bundle: run pnpm build first`);
  return folder;
}

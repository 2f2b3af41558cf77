import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, schemaDirectory } from "@pedidos/persistence";
import { findFreePort, type Postgres, type Rabbitmq, startPostgres, startRabbitmq } from "@pedidos/testing";
import type { BadEnd } from "./history.ts";
import { openRelay, type Relay } from "./open-relay.ts";
import { APPS, type AppName, LINKS, type LinkName } from "./plan-faults.ts";
import { type App, prepareApp } from "./run-app.ts";

/** Everything a run breaks: servers of its own, two APIs, two consumers, and a relay on each way between them. */
export type System = {
  readonly postgres: Postgres;
  readonly rabbitmq: Rabbitmq;
  readonly apps: Readonly<Record<AppName, App>>;
  readonly links: ReadonlyMap<LinkName, Relay>;
  readonly badEnds: readonly BadEnd[];
  readonly remove: () => Promise<void>;
};

export type SystemOptions = {
  /** What runs as an API and as a consumer: files; by default the built bundles. */
  readonly entries?: { readonly api?: string; readonly consumer?: string };
  /** More of an app's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly postgresSettings?: Readonly<Record<string, string>>;
};

const ROOT = join(import.meta.dirname, "../..");

/** Starts a system and waits until all of it is ready. Nothing of it outlives this process. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  // A copy, so that a build meanwhile changes nothing.
  const bundles = mkdtempSync(join(tmpdir(), "pedidos-bundles-"));
  for (const app of ["api", "consumer"]) cpSync(bundleOf(app), join(bundles, app), { recursive: true });
  const settings = { track_commit_timestamp: "on", ...options.postgresSettings };
  const [postgres, rabbitmq] = await Promise.all([startPostgres({ durable: true, settings }), startRabbitmq()]);
  await migrate({ connectionString: postgres.url, directory: schemaDirectory() });
  const links = new Map<LinkName, Relay>();
  for (const link of LINKS)
    links.set(link, await openRelay(Number(new URL(link.endsWith("postgres") ? postgres.url : rabbitmq.url).port)));

  const badEnds: BadEnd[] = [];
  const prepare = async (name: AppName): Promise<App> => {
    const port = await findFreePort();
    const kind = name.startsWith("api") ? "api" : "consumer";
    return prepareApp({
      name,
      entry: options.entries?.[kind] ?? join(bundles, kind, "main.js"),
      port,
      env: {
        DATABASE_URL: through(postgres.url, links.get(`${name}.postgres`)),
        AMQP_URL: through(rabbitmq.url, links.get(`${name}.rabbitmq`)),
        [kind === "api" ? "PORT" : "HEALTH_PORT"]: String(port),
        ...options.env,
      },
      onBadEnd: (end) => badEnds.push(end),
    });
  };
  const apps = {
    api1: await prepare("api1"),
    api2: await prepare("api2"),
    consumer1: await prepare("consumer1"),
    consumer2: await prepare("consumer2"),
  };
  const all = APPS.map((name) => apps[name]);
  const remove = async () => {
    await Promise.all(all.map((app) => app.remove()));
    await Promise.all([postgres.remove(), rabbitmq.remove(), ...[...links.values()].map((link) => link.close())]);
    rmSync(bundles, { recursive: true, force: true });
  };
  try {
    await Promise.all(all.map((app) => app.start()));
    await Promise.all(all.map((app) => app.ready()));
  } catch (error) {
    await remove();
    throw error;
  }
  return { postgres, rabbitmq, apps, links, badEnds, remove };
}

function bundleOf(app: string): string {
  const folder = join(ROOT, "apps", app, "dist");
  if (!existsSync(join(folder, "main.js"))) throw new Error(`${folder} holds no bundle: run pnpm build first`);
  return folder;
}

function through(url: string, relay: Relay | undefined): string {
  const address = new URL(url);
  if (relay !== undefined) address.port = String(relay.port);
  return address.href;
}

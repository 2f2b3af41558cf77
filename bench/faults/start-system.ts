import { randomBytes } from "node:crypto";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { migrate, schemaDirectory } from "@pedidos/persistence";
import {
  findFreePort,
  leaveNothing,
  type Postgres,
  type Rabbitmq,
  startPostgres,
  startRabbitmq,
} from "@pedidos/testing";
import pg from "pg";
import type { BadEnd } from "./history.ts";
import { openRelay, type Relay } from "./open-relay.ts";
import { APPS, type AppName, LINKS, type LinkName } from "./plan-faults.ts";
import { type App, prepareApp } from "./run-app.ts";

/** Everything a run breaks: servers of its own, two APIs, two consumers, and a relay on each way between them. */
export type System = Servers & {
  /** Of this system's own database and virtual host. */
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  /** `rabbitmqctl`'s arguments for that virtual host. */
  readonly vhost: readonly string[];
  readonly apps: Readonly<Record<AppName, App>>;
  readonly links: ReadonlyMap<LinkName, Relay>;
  readonly badEnds: readonly BadEnd[];
  readonly remove: () => Promise<void>;
};

export type Servers = { readonly postgres: Postgres; readonly rabbitmq: Rabbitmq };

export type SystemOptions = {
  /** Servers that are there already: the system takes an empty database and virtual host on them, and leaves them there. */
  readonly servers?: Servers;
  /** What runs as an API and as a consumer: files; by default the built bundles. */
  readonly entries?: { readonly api?: string; readonly consumer?: string };
  /** More of an app's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** False: the processes are prepared, and not started. */
  readonly start?: boolean;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** Where its files go; a temporary folder by default. */
  readonly postgresFolder?: string | undefined;
};

const ROOT = join(import.meta.dirname, "../..");

/** Starts a system and waits until all of it is ready. Nothing of it outlives this process. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  // A copy, so that a build meanwhile changes nothing.
  const bundles = leaveNothing("pedidos-bundles-");
  for (const app of ["api", "consumer"]) cpSync(bundleOf(app), join(bundles.folder, app), { recursive: true });
  const servers = options.servers ?? (await startServers(options.postgresSettings, options.postgresFolder));
  const { postgres, rabbitmq } = servers;
  const place = options.servers === undefined ? whole(servers) : await freshPlace(servers);
  await migrate({ connectionString: place.databaseUrl, directory: schemaDirectory() });
  const links = new Map<LinkName, Relay>();
  for (const link of LINKS)
    links.set(link, await openRelay(Number(new URL(link.endsWith("postgres") ? postgres.url : rabbitmq.url).port)));

  const badEnds: BadEnd[] = [];
  const prepare = async (name: AppName): Promise<App> => {
    const port = await findFreePort();
    const kind = name.startsWith("api") ? "api" : "consumer";
    return prepareApp({
      name,
      entry: options.entries?.[kind] ?? join(bundles.folder, kind, "main.js"),
      port,
      env: {
        DATABASE_URL: through(place.databaseUrl, links.get(`${name}.postgres`)),
        AMQP_URL: through(place.amqpUrl, links.get(`${name}.rabbitmq`)),
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
    await Promise.all([...links.values()].map((link) => link.close()));
    if (options.servers === undefined) await removeServers(servers);
    bundles.remove();
  };
  try {
    if (options.start === false) return { postgres, rabbitmq, ...place, apps, links, badEnds, remove };
    await Promise.all(all.map((app) => app.start()));
    await Promise.all(all.map((app) => app.ready()));
  } catch (error) {
    await remove();
    throw error;
  }
  return { postgres, rabbitmq, ...place, apps, links, badEnds, remove };
}

/** Servers as a system has them: durable, and with the times of commits. */
export async function startServers(
  settings: SystemOptions["postgresSettings"] = {},
  folder?: string,
): Promise<Servers> {
  const all = { track_commit_timestamp: "on", ...settings };
  const [postgres, rabbitmq] = await Promise.all([
    startPostgres({ durable: true, settings: all, ...(folder !== undefined && { folder }) }),
    startRabbitmq(),
  ]);
  return { postgres, rabbitmq };
}

export async function removeServers({ postgres, rabbitmq }: Servers): Promise<void> {
  await Promise.all([postgres.remove(), rabbitmq.remove()]);
}

type Place = Pick<System, "databaseUrl" | "amqpUrl" | "vhost">;

function whole({ postgres, rabbitmq }: Servers): Place {
  return { databaseUrl: postgres.url, amqpUrl: rabbitmq.url, vhost: [] };
}

async function freshPlace({ postgres, rabbitmq }: Servers): Promise<Place> {
  const name = `faults_${randomBytes(6).toString("hex")}`;
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  await rabbitmq.ctl("add_vhost", name);
  await rabbitmq.ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*");
  const databaseUrl = new URL(postgres.url);
  databaseUrl.pathname = `/${name}`;
  return { databaseUrl: databaseUrl.href, amqpUrl: `${rabbitmq.url}/${name}`, vhost: ["-p", name] };
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

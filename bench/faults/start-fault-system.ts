import { migrate, schemaDirectory } from "@pedidos/persistence";
import type { PostgresOptions } from "@pedidos/testing";
import { copyBundles } from "../harness/bundles.ts";
import type { BadEnd } from "../harness/start-app.ts";
import { type Servers, startServers } from "../harness/start-servers.ts";
import { type System, startSystem } from "../harness/start-system.ts";
import { openRelay, type Relay } from "./open-relay.ts";
import { type AppName, LINKS, type LinkName, type ServerName } from "./plan-faults.ts";

/** Everything a run breaks: servers, two APIs, two consumers, and a relay on each connection between them. */
export type FaultSystem = System<AppName> &
  Pick<Servers, "postgres" | "rabbitmq"> & {
    /** `rabbitmqctl`'s arguments for the system's virtual host. */
    readonly vhost: readonly string[];
    readonly links: ReadonlyMap<LinkName, Relay>;
    readonly badEnds: readonly BadEnd[];
  };

export type FaultSystemOptions = {
  /** Servers that outlive the system, which gets an empty database and virtual host on them. Default: its own. */
  readonly servers?: Servers;
  /** Of its own PostgreSQL. */
  readonly postgres?: PostgresOptions;
  /** What runs as an API and as a consumer: files; by default the built bundles. */
  readonly entries?: { readonly api?: string; readonly consumer?: string };
  /** More of each process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** False: the processes are prepared, and not started. */
  readonly start?: boolean;
};

/** Servers as a fault run has them: durable, and with the times of commits. */
export function startFaultServers(options: PostgresOptions = {}): Promise<Servers> {
  return startServers({ durable: true, ...options, settings: { track_commit_timestamp: "on", ...options.settings } });
}

/** Starts a system and waits until all of it is ready. No process of it outlives this one. */
export async function startFaultSystem(options: FaultSystemOptions = {}): Promise<FaultSystem> {
  const bundles = copyBundles(["api", "consumer"]);
  const servers = options.servers ?? (await startFaultServers(options.postgres));
  const { postgres, rabbitmq } = servers;
  const virtualHost = options.servers && (await servers.createVirtualHost());
  const databaseUrl = options.servers ? await servers.createDatabase() : postgres.url;
  const amqpUrl = virtualHost?.url ?? rabbitmq.url;
  await migrate({ connectionString: databaseUrl, directory: schemaDirectory() });
  const links = new Map<LinkName, Relay>();
  for (const link of LINKS)
    links.set(link, await openRelay(Number(new URL(link.endsWith("postgres") ? postgres.url : rabbitmq.url).port)));
  const badEnds: BadEnd[] = [];
  const removeRest = async () => {
    await Promise.all([...links.values()].map((link) => link.close()));
    if (options.servers === undefined) await servers.remove();
    bundles.remove();
  };
  const appOf = (name: AppName) => {
    const kind = name.startsWith("api") ? "api" : "consumer";
    const through = (url: string, server: ServerName) =>
      Object.assign(new URL(url), { port: String(links.get(`${name}.${server}`)?.port) }).href;
    return {
      entry: options.entries?.[kind] ?? bundles.entryOf(kind),
      env: {
        DATABASE_URL: through(databaseUrl, "postgres"),
        AMQP_URL: through(amqpUrl, "rabbitmq"),
        ...options.env,
      },
    };
  };
  try {
    const system = await startSystem({
      databaseUrl,
      amqpUrl,
      apps: {
        api1: appOf("api1"),
        api2: appOf("api2"),
        consumer1: appOf("consumer1"),
        consumer2: appOf("consumer2"),
      },
      onBadEnd: (end) => badEnds.push(end),
      start: options.start ?? true,
    });
    const remove = () => system.remove().then(removeRest);
    return {
      ...system,
      postgres,
      rabbitmq,
      vhost: virtualHost ? ["-p", virtualHost.name] : [],
      links,
      badEnds,
      remove,
    };
  } catch (error) {
    await removeRest();
    throw error;
  }
}

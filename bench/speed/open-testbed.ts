import { migrate, schemaDirectory } from "@pedidos/persistence";
import { copyBundles } from "../harness/bundles.ts";
import { type App, type AppOptions, type BadEnd, prepareApp } from "../harness/start-app.ts";
import { type Servers, startServers } from "../harness/start-servers.ts";
import { type System, startSystem } from "../harness/start-system.ts";

/** What can be started: a built app, or a source file. */
type Runnable = "api" | "consumer" | { readonly name: string; readonly file: string };

/** Servers of the run's own, durable as in production, and what is started on them. */
export type Testbed = Servers & {
  /** → the URL of a database that holds the schema and nothing else. */
  readonly freshDatabase: () => Promise<string>;
  /** The built API and consumer on a fresh database, ready. */
  readonly startSystem: () => Promise<System>;
  /** Starts a process of ours and waits until it is ready; it is gone when the run is, at the latest. */
  readonly start: (what: Runnable, databaseUrl: string, env?: AppOptions["env"]) => Promise<App>;
  /** As `start`, without starting it. */
  readonly prepare: (what: Runnable, databaseUrl: string, env?: AppOptions["env"]) => Promise<App>;
  /** → the first of so many ids of orders that nobody has used */
  readonly takeIds: (count: number) => number;
};

export async function openTestbed(): Promise<Testbed> {
  const bundles = copyBundles(["api", "consumer"]);
  const servers = await startServers({ durable: true });
  const amqpUrl = servers.rabbitmq.url;
  const templateUrl = await servers.createDatabase();
  await migrate({ connectionString: templateUrl, directory: schemaDirectory() });
  const started: { readonly remove: () => Promise<void> }[] = [];
  let nextId = 1_000_000_000;
  const onBadEnd = ({ name, what }: BadEnd) => process.stderr.write(`${name} ${what}\n`);
  const common = { NODE_OPTIONS: process.env.NODE_OPTIONS, PEDIDOS_QUEUE: "off" };
  const freshDatabase = () => servers.createDatabase(new URL(templateUrl).pathname.slice(1));

  const prepare: Testbed["prepare"] = async (what, databaseUrl, env) => {
    const { name, file } = typeof what === "string" ? { name: what, file: bundles.entryOf(what) } : what;
    const urls = { DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl };
    const app = await prepareApp({ name, entry: file, env: { ...common, ...urls, ...env }, onBadEnd });
    started.push(app);
    return app;
  };

  return {
    ...servers,
    freshDatabase,
    async startSystem() {
      const system = await startSystem({
        databaseUrl: await freshDatabase(),
        amqpUrl,
        apps: {
          api: { entry: bundles.entryOf("api"), env: common },
          consumer: { entry: bundles.entryOf("consumer"), env: common },
        },
        onBadEnd,
      });
      started.push(system);
      return system;
    },
    async start(what, databaseUrl, env) {
      const app = await prepare(what, databaseUrl, env);
      await app.start();
      await app.ready();
      return app;
    },
    prepare,
    takeIds(count) {
      const first = nextId;
      nextId += count;
      return first;
    },
    async remove() {
      await Promise.all(started.map(({ remove }) => remove()));
      await servers.remove();
      bundles.remove();
    },
  };
}

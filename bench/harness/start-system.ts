import { mapRecord } from "./map-record.ts";
import { type App, type AppOptions, prepareApp } from "./start-app.ts";

/** Processes on one database and one virtual host. */
export type System<Name extends string = "api" | "consumer"> = {
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  readonly apps: Readonly<Record<Name, App>>;
  readonly remove: () => Promise<void>;
};

export type SystemOptions<Name extends string> = Pick<System, "databaseUrl" | "amqpUrl"> &
  Pick<AppOptions, "onBadEnd"> & {
    /** What runs under each name. Its environment comes after the two URLs. */
    readonly apps: Readonly<Record<Name, Pick<AppOptions, "entry" | "env">>>;
    /** False: the processes are prepared, and not started. Default: started, and ready. */
    readonly start?: boolean;
  };

/** Starts a system on a database and a broker. No process of it outlives this one. */
export async function startSystem<Name extends string>(options: SystemOptions<Name>): Promise<System<Name>> {
  const { databaseUrl, amqpUrl, onBadEnd, start = true } = options;
  const apps = await mapRecord(options.apps, ({ entry, env }, name) =>
    prepareApp({ name, entry, env: { DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl, ...env }, onBadEnd }),
  );
  const all = Object.values<App>(apps);
  const remove = async () => void (await Promise.all(all.map((app) => app.remove())));
  try {
    if (start) await startAll(all);
  } catch (error) {
    await remove();
    throw error;
  }
  return { databaseUrl, amqpUrl, apps, remove };
}

/** Starts processes at once, and waits until all are ready. */
export async function startAll(apps: readonly App[]): Promise<void> {
  await Promise.all(apps.map((app) => app.start()));
  await Promise.all(apps.map((app) => app.ready()));
}

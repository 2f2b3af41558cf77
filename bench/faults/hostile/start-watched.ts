import { leaveNothing } from "@pedidos/testing";
import { type System, startSystem } from "../start-system.ts";
import { askWatched, type Watch, watchedEnvironment } from "./ask-watched.ts";

export type WatchedSystem = Pick<System, "apps" | "amqpUrl" | "databaseUrl" | "badEnds"> & {
  /** On the first API and the first consumer, which alone are started. */
  readonly watches: Readonly<Record<"api" | "consumer", Watch>>;
  readonly remove: () => Promise<void>;
};

/** The built API and consumer on servers of their own, each telling what its event loop and its memory do. */
export async function startWatched(): Promise<WatchedSystem> {
  const remains = leaveNothing("pedidos-watch-");
  const system = await startSystem({ start: false, env: watchedEnvironment(remains.folder) });
  const { api1, consumer1 } = system.apps;
  await Promise.all([api1.start(), consumer1.start()]);
  await Promise.all([api1.ready(), consumer1.ready()]);
  const watches = {
    api: await askWatched(remains.folder, api1.pid() ?? 0),
    consumer: await askWatched(remains.folder, consumer1.pid() ?? 0),
  };
  return {
    ...system,
    watches,
    async remove() {
      for (const watch of Object.values(watches)) watch.close();
      await system.remove();
      remains.remove();
    },
  };
}

import type { App } from "../faults/run-app.ts";
import type { Bench } from "./bench.ts";

/** The built API and consumer on a database of their own. */
export type System = {
  readonly database: string;
  readonly api: App;
  readonly consumer: App;
  readonly stop: () => Promise<void>;
};

export async function startSystem({ place, broker }: Pick<Bench, "place" | "broker">): Promise<System> {
  await broker.emptyIntake();
  const database = await place.freshDatabase();
  const [api, consumer] = await Promise.all([place.start("api", database), place.start("consumer", database)]);
  return {
    database,
    api,
    consumer,
    async stop() {
      await Promise.all([api.terminate(), consumer.terminate()]);
    },
  };
}

import type { System } from "../harness/start-system.ts";
import type { Bench } from "./bench.ts";

/** The built API and consumer on a database of their own and an empty intake queue. `stop` ends them gracefully. */
export async function startFresh({ testbed, broker }: Bench): Promise<System & { readonly stop: () => Promise<void> }> {
  await broker.emptyIntake();
  const system = await testbed.startSystem();
  const { api, consumer } = system.apps;
  return {
    ...system,
    async stop() {
      await Promise.all([api.terminate(), consumer.terminate()]);
    },
  };
}

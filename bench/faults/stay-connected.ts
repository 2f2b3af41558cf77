import { setTimeout as wait } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";

/** Keeps a client of the broker connected until closed; `opened` is called for each connection, `lost` when it is gone. */
export function stayConnected(
  url: string,
  on: { readonly opened: (model: ChannelModel) => Promise<void>; readonly lost?: () => void },
): { readonly close: () => Promise<void> } {
  let closing = false;
  let current: ChannelModel | undefined;

  async function once(): Promise<void> {
    const model = await connect(`${url}?heartbeat=5`, { timeout: 3_000 });
    const closed = Promise.withResolvers<void>();
    model.on("error", () => {});
    model.on("close", () => closed.resolve());
    current = model;
    await Promise.race([on.opened(model), closed.promise]);
    await closed.promise;
  }

  async function run(): Promise<void> {
    while (!closing) {
      await once().catch(() => current?.close().catch(() => {}));
      on.lost?.();
      current = undefined;
      if (!closing) await wait(200);
    }
  }
  const running = run();
  return {
    async close() {
      closing = true;
      await Promise.race([current?.close().catch(() => {}), wait(2_000)]);
      await Promise.race([running, wait(4_000)]);
    },
  };
}

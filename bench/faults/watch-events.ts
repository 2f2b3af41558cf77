import { isRecord, parse } from "./content.ts";
import type { SeenEvent } from "./history.ts";
import { stayConnected } from "./stay-connected.ts";

export const EVENTS_QUEUE = "faults.events";

/**
 * Takes in what the system announces, through a durable queue of its own, so that nothing passes unseen while the broker
 * or this client is away. Resolves once the queue is bound.
 */
export async function watchEvents(url: string) {
  const events = new Map<string, SeenEvent>();
  const bound = Promise.withResolvers<void>();

  function see(content: Buffer): void {
    const seenAt = Date.now();
    const batch = parse(String(content));
    for (const event of Array.isArray(batch) ? batch : []) {
      if (!isRecord(event)) continue;
      const id = String(event.id);
      const seen = events.get(id);
      events.set(id, seen ? { ...seen, times: seen.times + 1 } : { id, data: event.data, seenAt, times: 1 });
    }
  }

  const connection = stayConnected(url, {
    async opened(model) {
      const channel = await model.createChannel();
      channel.on("error", () => {});
      channel.on("close", () => model.close().catch(() => {}));
      await channel.assertExchange("orders.events", "topic", { durable: true });
      await channel.assertQueue(EVENTS_QUEUE, { durable: true, arguments: { "x-queue-type": "quorum" } });
      await channel.bindQueue(EVENTS_QUEUE, "orders.events", "#");
      bound.resolve();
      await channel.prefetch(200);
      await channel.consume(EVENTS_QUEUE, (message) => {
        if (message === null) return void channel.close().catch(() => {});
        see(message.content);
        channel.ack(message);
      });
    },
  });
  await bound.promise;
  return { events, close: connection.close };
}

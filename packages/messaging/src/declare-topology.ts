import type { ChannelModel } from "amqplib";
import { closeChannel, openChannel } from "./open-channel.ts";
import { topology } from "./topology.ts";

/** Declares our exchanges, queues and bindings; what is there already stays. Throws when the broker refuses one of them. */
export async function declareTopology(model: ChannelModel): Promise<void> {
  const channel = await openChannel(model);
  try {
    for (const { name, type } of topology.exchanges) await channel.assertExchange(name, type, { durable: true });
    for (const queue of topology.queues)
      await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
    for (const { queue, exchange, routingKey } of topology.bindings)
      await channel.bindQueue(queue, exchange, routingKey);
  } finally {
    void closeChannel(channel);
  }
}

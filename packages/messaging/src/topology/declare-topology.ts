import type { Log } from "@pedidos/process";
import type { Channel, ChannelModel } from "amqplib";
import { codeOf } from "../connection/describe-error.ts";
import { closeChannel, openChannel } from "../connection/open-channel.ts";
import { bindQueues } from "./bind-queues.ts";
import { topology } from "./topology.ts";

const ACCESS_REFUSED = 403;

/**
 * Declares our exchanges, queues and bindings; what is there already stays. Where the broker's administrator has made
 * them and this user may declare nothing, it is enough that they are there (bindings can't be asked for). The bindings may
 * come later: see {@link bindQueues}.
 *
 * @throws when the broker refuses one of them, or when one is absent that we may not declare
 */
export async function declareTopology(model: ChannelModel, log: Pick<Log, "info" | "warn">): Promise<void> {
  try {
    await declareAll(model);
  } catch (error) {
    if (codeOf(error) !== ACCESS_REFUSED) throw error;
    await checkAll(model);
    return;
  }
  await bindQueues(model, log);
}

async function declareAll(model: ChannelModel): Promise<void> {
  const channel = await openChannel(model);
  try {
    for (const { name, type } of topology.exchanges) await channel.assertExchange(name, type, { durable: true });
    for (const queue of topology.queues)
      await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
  } finally {
    void closeChannel(channel);
  }
}

async function checkAll(model: ChannelModel): Promise<void> {
  for (const { name } of topology.exchanges) await check(model, (channel) => channel.checkExchange(name));
  for (const { name } of topology.queues) await check(model, (channel) => channel.checkQueue(name));
}

/** RabbitMQ 4.3 shows a user nothing of what it has no permission for at all. What it has none for it does not use. */
async function check(model: ChannelModel, look: (channel: Channel) => Promise<unknown>): Promise<void> {
  const channel = await openChannel(model);
  try {
    await look(channel);
  } catch (error) {
    if (codeOf(error) !== ACCESS_REFUSED) throw error;
  } finally {
    void closeChannel(channel);
  }
}

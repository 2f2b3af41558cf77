import type { Log } from "@pedidos/process";
import type { Channel, ChannelModel } from "amqplib";
import { codeOf, replyCodes } from "../connection/broker-error.ts";
import { onChannel } from "../connection/open-channel.ts";
import { bindQueues } from "./bind-queues.ts";
import { topology } from "./topology.ts";

/**
 * Declares our exchanges, queues and bindings; what is there already stays. Where the broker's administrator has made
 * them and this user may declare nothing, it is enough that they are there (bindings can't be asked for). The bindings may
 * come later: see {@link bindQueues}.
 *
 * @throws when the broker refuses one of them, or when one is absent that we may not declare
 */
export async function declareTopology(model: ChannelModel, log: Pick<Log, "info" | "warn">): Promise<void> {
  try {
    await onChannel(model, declareAll);
  } catch (error) {
    if (codeOf(error) !== replyCodes.accessRefused) throw error;
    await checkAll(model);
    return;
  }
  await bindQueues(model, log);
}

async function declareAll(channel: Channel): Promise<void> {
  for (const { name, type } of topology.exchanges) await channel.assertExchange(name, type, { durable: true });
  for (const { name, arguments: all } of topology.queues)
    await channel.assertQueue(name, { durable: true, arguments: all });
}

async function checkAll(model: ChannelModel): Promise<void> {
  const checks = [
    ...topology.exchanges.map(
      ({ name }) =>
        (channel: Channel) =>
          channel.checkExchange(name),
    ),
    ...topology.queues.map(
      ({ name }) =>
        (channel: Channel) =>
          channel.checkQueue(name),
    ),
  ];
  for (const check of checks)
    await onChannel<unknown>(model, check).catch((error: unknown) => {
      // RabbitMQ 4.3 shows a user nothing of what it has no permission for at all. What it has none for it does not use.
      if (codeOf(error) !== replyCodes.accessRefused) throw error;
    });
}

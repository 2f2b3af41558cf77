import { setTimeout as sleep } from "node:timers/promises";
import { DEAD_LETTER_QUEUE } from "@pedidos/contract";
import { INTAKE_QUEUE, PEDIDOS_QUEUE } from "@pedidos/domain";
import type { Channel } from "amqplib";
import { quorumArguments, topology } from "../topology/topology.ts";

/**
 * Makes a virtual host as good as new. The intake queue stays, emptied: deleting a queue that dead-letters at least once
 * while its dead-letter worker starts costs RabbitMQ the supervisor of all such workers, and no queue of that kind can be
 * declared until the broker restarts (rabbitmq-server#16652).
 */
export async function resetTopology(channel: Channel): Promise<void> {
  for (const queue of [DEAD_LETTER_QUEUE, PEDIDOS_QUEUE]) await channel.deleteQueue(queue);
  for (const { name } of topology.exchanges) await channel.deleteExchange(name);
  await channel.assertQueue(INTAKE_QUEUE, { durable: true, arguments: quorumArguments(INTAKE_QUEUE) });
  await channel.purgeQueue(INTAKE_QUEUE);
}

/** Deletes the intake queue, once its dead-letter worker has had the time to start (see `resetTopology`). */
export async function deleteIntakeQueue(channel: Channel): Promise<void> {
  await sleep(500);
  await channel.deleteQueue(INTAKE_QUEUE);
}

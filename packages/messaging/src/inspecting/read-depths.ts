import type { ChannelModel } from "amqplib";
import { codeOf, replyCodes } from "../connection/broker-error.ts";
import { onChannel } from "../connection/open-channel.ts";
import { DEAD_LETTER_QUEUE, INTAKE_QUEUE, PEDIDOS_QUEUE, queues } from "../topology/topology.ts";

/**
 * How many messages wait in each queue, without those that are delivered and not acknowledged; null where there is no
 * such queue. A message may hold many orders.
 */
export type QueueDepths = Readonly<Record<(typeof queues)[number], number | null>>;

/** Absent, or another connection's exclusively: nothing that will be read from it here. */
const UNREADABLE: readonly unknown[] = [replyCodes.notFound, replyCodes.resourceLocked];
/** The broker logs an error for each question about a queue that is not there. */
const ASK_AGAIN_MS = 60_000;

/** Makes the function that asks a connection's broker; it takes no right beyond that to connect. */
export function openDepthReader(): (model: ChannelModel) => Promise<QueueDepths> {
  const absentSince = new Map<string, number>();
  const pending = new Map<string, Promise<number | null>>();

  async function depthOf(model: ChannelModel, queue: string): Promise<number | null> {
    const since = absentSince.get(queue);
    if (since !== undefined && performance.now() - since < ASK_AGAIN_MS) return null;
    try {
      const { messageCount } = await onChannel(model, (channel) => channel.checkQueue(queue));
      absentSince.delete(queue);
      return messageCount;
    } catch (error) {
      if (!UNREADABLE.includes(codeOf(error))) throw error;
      absentSince.set(queue, performance.now());
      return null;
    }
  }

  /** A node that is frozen answers nothing: another question would take another channel. */
  function ask(model: ChannelModel, queue: string): Promise<number | null> {
    const asked = pending.get(queue) ?? depthOf(model, queue).finally(() => pending.delete(queue));
    pending.set(queue, asked);
    return asked;
  }

  return async (model) => {
    const [intake, pedidos, dead] = await Promise.all(queues.map((queue) => ask(model, queue)));
    return {
      [INTAKE_QUEUE]: intake ?? null,
      [PEDIDOS_QUEUE]: pedidos ?? null,
      [DEAD_LETTER_QUEUE]: dead ?? null,
    };
  };
}

import type { QueueDepth, QueueDepths } from "@pedidos/broker";
import { DEAD_LETTER_QUEUE } from "@pedidos/contract";
import { INTAKE_QUEUE, PEDIDOS_QUEUE } from "@pedidos/domain";
import type { ChannelModel } from "amqplib";
import { ifRefused, replyCodes } from "../connection/broker-error.ts";
import { onChannel } from "../connection/open-channel.ts";

/** Absent, or another connection's exclusively: nothing that will be read from it here. */
const UNREADABLE = [replyCodes.notFound, replyCodes.resourceLocked];
/** The broker logs an error for each question about a queue that is not there. */
const ASK_AGAIN_MS = 60_000;

/** Makes the function that asks a connection's broker; it takes no right beyond that to connect. */
export function openDepthReader(): (model: ChannelModel) => Promise<QueueDepths> {
  const absentUntil = new Map<string, number>();
  const pending = new Map<string, Promise<QueueDepth | null>>();

  async function depthOf(model: ChannelModel, queue: string): Promise<QueueDepth | null> {
    if (performance.now() < (absentUntil.get(queue) ?? 0)) return null;
    const answer = await onChannel(model, (channel) => channel.checkQueue(queue)).catch(ifRefused(UNREADABLE, null));
    if (answer !== null) return { messages: answer.messageCount, consumers: answer.consumerCount };
    absentUntil.set(queue, performance.now() + ASK_AGAIN_MS);
    return null;
  }

  /** A node that is frozen answers nothing: another question would take another channel. */
  function ask(model: ChannelModel, queue: string): Promise<QueueDepth | null> {
    const asked = pending.get(queue) ?? depthOf(model, queue).finally(() => pending.delete(queue));
    pending.set(queue, asked);
    return asked;
  }

  return async (model) => {
    const queues = [INTAKE_QUEUE, PEDIDOS_QUEUE, DEAD_LETTER_QUEUE] as const;
    const [intake = null, pedidos = null, dead = null] = await Promise.all(queues.map((queue) => ask(model, queue)));
    return { [INTAKE_QUEUE]: intake, [PEDIDOS_QUEUE]: pedidos, [DEAD_LETTER_QUEUE]: dead };
  };
}

import { DEAD_LETTER_QUEUE, INTAKE_QUEUE, PEDIDOS_QUEUE, type QueueDepths } from "@pedidos/broker";
import type { ChannelModel } from "amqplib";
import { ifRefused, replyCodes } from "../connection/broker-error.ts";
import { onChannel } from "../connection/open-channel.ts";
import { queues } from "../topology/topology.ts";

/** Absent, or another connection's exclusively: nothing that will be read from it here. */
const UNREADABLE = [replyCodes.notFound, replyCodes.resourceLocked];
/** The broker logs an error for each question about a queue that is not there. */
const ASK_AGAIN_MS = 60_000;

/** Makes the function that asks a connection's broker; it takes no right beyond that to connect. */
export function openDepthReader(): (model: ChannelModel) => Promise<QueueDepths> {
  const absentUntil = new Map<string, number>();
  const pending = new Map<string, Promise<number | null>>();

  async function depthOf(model: ChannelModel, queue: string): Promise<number | null> {
    if (performance.now() < (absentUntil.get(queue) ?? 0)) return null;
    const answer = await onChannel(model, (channel) => channel.checkQueue(queue)).catch(ifRefused(UNREADABLE, null));
    if (answer === null) absentUntil.set(queue, performance.now() + ASK_AGAIN_MS);
    return answer?.messageCount ?? null;
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

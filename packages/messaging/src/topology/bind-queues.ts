import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "@pedidos/process";
import type { ChannelModel } from "amqplib";
import { codeOf, describeError, replyCodes } from "../connection/broker-error.ts";
import { onChannel } from "../connection/open-channel.ts";
import { within } from "../connection/within.ts";
import { topology } from "./topology.ts";

/** Long for a broker that is well, and short for those who wait for another to take orders. */
const WAIT_MS = 500;
const RETRY_MS = 5_000;

const pending = new WeakSet<ChannelModel>();

/**
 * Declares our bindings, on a channel of their own: neither publishing by a queue's name nor consuming needs them, and while
 * a node of a cluster is frozen the broker does not answer. So this waits but for a moment, and retries in the background
 * for as long as the connection lasts.
 */
export async function bindQueues(model: ChannelModel, log: Pick<Log, "info" | "warn">): Promise<void> {
  if (pending.has(model)) return;
  pending.add(model);
  const binding = bindUntilDone(model, log).finally(() => pending.delete(model));
  if (await within(WAIT_MS, binding)) return;
  log.warn("the broker does not answer to a binding; publishing to queues and consuming go on without");
  void binding.then((isDone) => {
    if (isDone) log.info("the bindings are declared");
  });
}

/** → whether they are declared; false where the connection is gone, or may not declare them. Never rejects. */
async function bindUntilDone(model: ChannelModel, log: Pick<Log, "warn">): Promise<boolean> {
  const closed = new AbortController();
  model.once("close", () => closed.abort());
  let lastReason: string | undefined;
  while (!closed.signal.aborted) {
    try {
      await onChannel(model, async (channel) => {
        for (const { queue, exchange, routingKey } of topology.bindings)
          await channel.bindQueue(queue, exchange, routingKey);
      });
      return true;
    } catch (error) {
      if (closed.signal.aborted) return false;
      const reason = describeError(error);
      if (reason !== lastReason) log.warn({ reason }, "a binding could not be declared");
      lastReason = reason;
      // A user without the right has none the next time either; the broker's administrator has made them, or has to.
      if (codeOf(error) === replyCodes.accessRefused) return false;
      await wait(RETRY_MS, undefined, { signal: closed.signal }).catch(() => {});
    }
  }
  return false;
}

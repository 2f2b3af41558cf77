import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "@pedidos/process";
import type { ChannelModel } from "amqplib";
import { codeOf, describeError } from "../connection/describe-error.ts";
import { closeChannel, openChannel } from "../connection/open-channel.ts";
import { within } from "../connection/open-connection.ts";
import { topology } from "./topology.ts";

const ACCESS_REFUSED = 403;
/** Long for a broker that is well, and short for those who wait for another to take orders. */
const PATIENCE_MS = 500;
const RETRY_MS = 5_000;

const underWay = new WeakSet<ChannelModel>();

/**
 * Declares our bindings, on a channel of their own: neither publishing by a queue's name nor consuming needs them, and while
 * a node of a cluster is frozen the broker does not answer. So it is waited for but for a moment, and goes on by itself for
 * as long as the connection lasts.
 */
export async function bindQueues(model: ChannelModel, log: Pick<Log, "info" | "warn">): Promise<void> {
  if (underWay.has(model)) return;
  underWay.add(model);
  const binding = bindUntilDone(model, log).finally(() => underWay.delete(model));
  if (await within(PATIENCE_MS, binding)) return;
  log.warn("the broker does not answer to a binding; publishing to queues and consuming go on without");
  void binding.then((isDone) => {
    if (isDone) log.info("the bindings are declared");
  });
}

/** → whether they are declared; false where the connection is gone, or may not declare them. Never rejects. */
async function bindUntilDone(model: ChannelModel, log: Pick<Log, "warn">): Promise<boolean> {
  const closed = new AbortController();
  model.once("close", () => closed.abort());
  let told: string | undefined;
  while (!closed.signal.aborted) {
    try {
      await bindAll(model);
      return true;
    } catch (error) {
      if (closed.signal.aborted) return false;
      const reason = describeError(error);
      if (reason !== told) log.warn({ reason }, "a binding could not be declared");
      told = reason;
      // Who may not declare may not the next time either; the broker's administrator has made them, or has to.
      if (codeOf(error) === ACCESS_REFUSED) return false;
      await wait(RETRY_MS, undefined, { signal: closed.signal }).catch(() => {});
    }
  }
  return false;
}

async function bindAll(model: ChannelModel): Promise<void> {
  const channel = await openChannel(model);
  try {
    for (const { queue, exchange, routingKey } of topology.bindings)
      await channel.bindQueue(queue, exchange, routingKey);
  } finally {
    void closeChannel(channel);
  }
}

import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "@pedidos/process";
import type { Channel, ChannelModel } from "amqplib";
import { codeOf, describeError, ifRefused, replyCodes } from "../connection/broker-error.ts";
import { onChannel } from "../connection/open-channel.ts";
import { within } from "../connection/within.ts";
import { topology } from "./topology.ts";

/** Long for a healthy broker, and short for callers that wait for another one to take orders. */
const BINDING_MS = 500;
const RETRY_MS = 5_000;

/** The connections whose bindings are being declared. */
const binding = new WeakSet<ChannelModel>();

/**
 * Declares our exchanges, queues and bindings; what is there already stays. Where the broker's administrator has made
 * them and this user may declare nothing, it is enough that they are there (bindings can't be asked for). The bindings may
 * come later.
 *
 * @throws when the broker refuses one of them, or when one is absent that we may not declare
 */
export async function declareTopology(model: ChannelModel, log: Pick<Log, "info" | "warn">): Promise<void> {
  const isDeclared = await onChannel(model, declareAll).then(() => true, ifRefused([replyCodes.accessRefused], false));
  await (isDeclared ? bindQueues(model, log) : checkAll(model));
}

async function declareAll(channel: Channel): Promise<void> {
  for (const { name, type } of topology.exchanges) await channel.assertExchange(name, type, { durable: true });
  for (const { name, arguments: all } of topology.queues)
    await channel.assertQueue(name, { durable: true, arguments: all });
}

async function checkAll(model: ChannelModel): Promise<void> {
  // RabbitMQ 4.3 shows a user nothing of what it has no permission for at all. What it has none for it does not use.
  const check = (call: (channel: Channel) => Promise<unknown>) =>
    onChannel(model, call).catch(ifRefused([replyCodes.accessRefused], undefined));
  for (const { name } of topology.exchanges) await check((channel) => channel.checkExchange(name));
  for (const { name } of topology.queues) await check((channel) => channel.checkQueue(name));
}

/**
 * Declares our bindings, on a channel of their own: neither publishing by a queue's name nor consuming needs them, and while
 * a node of a cluster is frozen the broker does not answer. So this waits but for a moment, and retries in the background
 * for as long as the connection lasts.
 */
async function bindQueues(model: ChannelModel, log: Pick<Log, "info" | "warn">): Promise<void> {
  if (binding.has(model)) return;
  binding.add(model);
  const bound = bindUntilDone(model, log).finally(() => binding.delete(model));
  if (await within(BINDING_MS, bound)) return;
  log.warn("the broker does not answer to a binding; publishing to queues and consuming go on without");
  void bound.then((isDone) => {
    if (isDone) log.info("the bindings are declared");
  });
}

/** → whether they are declared; false if the connection is gone, or may not declare them. Never rejects. */
async function bindUntilDone(model: ChannelModel, log: Pick<Log, "warn">): Promise<boolean> {
  const closed = new AbortController();
  model.once("close", () => closed.abort());
  let lastReason: string | undefined;
  while (!closed.signal.aborted) {
    try {
      await onChannel(model, bindAll);
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

async function bindAll(channel: Channel): Promise<void> {
  for (const { queue, exchange, routingKey } of topology.bindings) await channel.bindQueue(queue, exchange, routingKey);
}

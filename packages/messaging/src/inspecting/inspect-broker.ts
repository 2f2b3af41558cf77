import { PEDIDOS_QUEUE } from "@pedidos/domain";
import type { Channel, ChannelModel } from "amqplib";
import { codeOf, describeError, replyCodes } from "../connection/broker-error.ts";
import { onConnection } from "../connection/connect-once.ts";
import { onChannel, openConfirmChannel } from "../connection/open-channel.ts";
import { isRecord } from "../is-record.ts";
import { probeBroker } from "../publishing/messages.ts";
import { topology } from "../topology/topology.ts";
import { type QueueFacts, readQueues } from "./read-queues.ts";

/** What a broker is, as far as this user sees it. */
export type BrokerFacts = {
  readonly product: string;
  readonly version: string;
  /** Why it takes no publishes, such as "low on memory"; null if it does, undefined if it does not say. */
  readonly alarm: string | null | undefined;
  readonly parts: readonly TopologyPart[];
  /** What the management API says of the queues. */
  readonly queues: QueueFacts;
};

/** `different`: with other arguments than ours; `unseen`: this user may not see it, or not its arguments. */
export type TopologyPart = {
  readonly name: string;
  readonly kind: "exchange" | "queue";
  readonly state: "right" | "absent" | "different" | "unseen";
  /** The broker's own words. */
  readonly detail?: string;
  readonly messages?: number;
  readonly consumers?: number;
};

const LIMIT_MS = 8_000;
const ALARM_MS = 2_000;
const STATES: ReadonlyMap<unknown, TopologyPart["state"]> = new Map([
  [replyCodes.notFound, "absent"],
  [replyCodes.preconditionFailed, "different"],
  [replyCodes.accessRefused, "unseen"],
]);

/**
 * Inspects a broker, and changes nothing: it declares each part that exists as it should be, which does nothing if it
 * is so and is refused if it is not. (Bindings can't be inspected.)
 *
 * @param managementUrl needed if its management API is not on the same host, for the same user
 * @throws if it is away, silent, or refuses this user
 */
export function inspectBroker(url: string, managementUrl?: string): Promise<BrokerFacts> {
  return onConnection(url, { name: "pedidos doctor", limitMs: LIMIT_MS }, async (model) => {
    const queues = await readQueues(url, managementUrl);
    return { ...productOf(model), parts: await inspectTopology(model), alarm: await alarmOf(model), queues };
  });
}

function productOf(model: ChannelModel): { product: string; version: string } {
  const properties: unknown = Reflect.get(model.connection, "serverProperties");
  const { product, version } = isRecord(properties) ? properties : {};
  return { product: String(product ?? "unknown"), version: String(version ?? "unknown") };
}

async function inspectTopology(model: ChannelModel): Promise<TopologyPart[]> {
  const parts: TopologyPart[] = [];
  for (const { name, type } of topology.exchanges)
    parts.push(
      await inspect(model, { name, kind: "exchange" }, async (channel) => {
        await channel.checkExchange(name);
        await channel.assertExchange(name, type, { durable: true });
      }),
    );
  // The replaced system's queue is used as it is found, so there is nothing that its arguments should be.
  for (const { name, arguments: expected } of [...topology.queues, { name: PEDIDOS_QUEUE, arguments: undefined }])
    parts.push(
      await inspect(model, { name, kind: "queue" }, async (channel, count) => {
        const { messageCount: messages, consumerCount: consumers } = await channel.checkQueue(name);
        count({ messages, consumers });
        if (expected !== undefined) await channel.assertQueue(name, { durable: true, arguments: expected });
      }),
    );
  return parts;
}

type Counts = Pick<TopologyPart, "messages" | "consumers">;

/** What was counted is reported of a part too that is not as it should be, or that this user may not declare. */
async function inspect(
  model: ChannelModel,
  part: Pick<TopologyPart, "name" | "kind">,
  check: (channel: Channel, count: (counted: Counts) => void) => Promise<void>,
): Promise<TopologyPart> {
  let counts: Counts = {};
  const count = (counted: Counts) => {
    counts = counted;
  };
  try {
    await onChannel(model, (channel) => check(channel, count));
    return { ...part, state: "right", ...counts };
  } catch (error) {
    const state = STATES.get(codeOf(error));
    if (state === undefined) throw error;
    return { ...part, state, detail: describeError(error), ...counts };
  }
}

async function alarmOf(model: ChannelModel): Promise<BrokerFacts["alarm"]> {
  const { promise, resolve } = Promise.withResolvers<BrokerFacts["alarm"]>();
  model.on("blocked", resolve);
  const channel = await openConfirmChannel(model);
  const timer = setTimeout(resolve, ALARM_MS, undefined);
  probeBroker(channel).then(
    () => resolve(null),
    () => resolve(undefined),
  );
  return await promise.finally(() => clearTimeout(timer));
}

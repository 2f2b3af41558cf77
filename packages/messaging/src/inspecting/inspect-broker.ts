import type { Channel, ChannelModel } from "amqplib";
import { connectOnce } from "../connection/connect-once.ts";
import { codeOf, describeError } from "../connection/describe-error.ts";
import { closeChannel, openChannel, openConfirmChannel } from "../connection/open-channel.ts";
import { within } from "../connection/open-connection.ts";
import { PEDIDOS_QUEUE, topology } from "../topology/topology.ts";
import { type QueueFacts, readQueues } from "./read-queues.ts";

/** What a broker is, as far as this user sees it. */
export type BrokerFacts = {
  readonly product: string;
  readonly version: string;
  /** Why it takes no publishes, such as "low on memory"; null where it does, undefined where it does not say. */
  readonly alarm: string | null | undefined;
  readonly parts: readonly TopologyPart[];
  /** What the management API says of the queues. */
  readonly queues: QueueFacts;
};

/** `different`: with other arguments than ours; `unseen`: this user may not look, or not at the arguments. */
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
  [404, "absent"],
  [406, "different"],
  [403, "unseen"],
] as const);

/**
 * Looks at a broker, and changes nothing: what is there is declared as it should be, which does nothing where it is so and
 * is refused where it is not. (Bindings can't be asked for.)
 *
 * @param managementUrl where its management API is not on the same host, for the same user
 * @throws where it is away, silent, or refuses this user
 */
export async function inspectBroker(url: string, managementUrl?: string): Promise<BrokerFacts> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), LIMIT_MS);
  try {
    const model = await connectOnce(url, { name: "pedidos doctor", limitMs: LIMIT_MS, signal: ending.signal });
    const told: unknown = Reflect.get(model.connection, "serverProperties");
    const queues = await readQueues(url, managementUrl);
    const facts = { ...productOf(told), parts: await inspectParts(model), alarm: await alarmOf(model), queues };
    // A broker that takes no publishes does not answer a close either.
    if (!(await within(1_000, model.close()))) ending.abort();
    return facts;
  } finally {
    clearTimeout(timer);
  }
}

function productOf(told: unknown): { product: string; version: string } {
  const property = (name: string) =>
    typeof told === "object" && told !== null ? String(Reflect.get(told, name) ?? "unknown") : "unknown";
  return { product: property("product"), version: property("version") };
}

async function inspectParts(model: ChannelModel): Promise<TopologyPart[]> {
  const parts: TopologyPart[] = [];
  for (const { name, type } of topology.exchanges)
    parts.push(
      await inspect(model, { name, kind: "exchange" }, async (channel) => {
        await channel.checkExchange(name);
        await channel.assertExchange(name, type, { durable: true });
        return {};
      }),
    );
  for (const queue of topology.queues)
    parts.push(
      await inspect(model, { name: queue.name, kind: "queue" }, async (channel) => {
        const { messageCount, consumerCount } = await channel.checkQueue(queue.name);
        await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
        return { messages: messageCount, consumers: consumerCount };
      }),
    );
  // Used as it is found, so there is nothing that its arguments should be.
  parts.push(
    await inspect(model, { name: PEDIDOS_QUEUE, kind: "queue" }, async (channel) => {
      const { messageCount, consumerCount } = await channel.checkQueue(PEDIDOS_QUEUE);
      return { messages: messageCount, consumers: consumerCount };
    }),
  );
  return parts;
}

async function inspect(
  model: ChannelModel,
  part: Pick<TopologyPart, "name" | "kind">,
  look: (channel: Channel) => Promise<Pick<TopologyPart, "messages" | "consumers">>,
): Promise<TopologyPart> {
  const channel = await openChannel(model);
  try {
    return { ...part, state: "right", ...(await look(channel)) };
  } catch (error) {
    const state = STATES.get(codeOf(error));
    if (state === undefined) throw error;
    return { ...part, state, detail: describeError(error) };
  } finally {
    void closeChannel(channel);
  }
}

/** The broker tells of an alarm only to who publishes: a message that goes nowhere. */
async function alarmOf(model: ChannelModel): Promise<string | null | undefined> {
  const blocked = Promise.withResolvers<string>();
  model.on("blocked", (reason) => blocked.resolve(reason));
  const channel = await openConfirmChannel(model);
  channel.publish("", "pedidos.publisher-probe", Buffer.alloc(0));
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ALARM_MS);
  const confirmed = channel.waitForConfirms().then(
    () => null,
    () => undefined,
  );
  try {
    return await Promise.race([blocked.promise, confirmed, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

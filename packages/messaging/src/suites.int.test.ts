import { describeConsumer } from "@pedidos/broker/suites/consumer";
import { describePublisher } from "@pedidos/broker/suites/publisher";
import { INTAKE_QUEUE } from "@pedidos/domain";
import { onTestFinished } from "vitest";
import { openConsumer } from "./consuming/open-consumer.ts";
import { ordersMessage } from "./publishing/messages.ts";
import { openPublisher } from "./publishing/open-publisher.ts";
import { collectLog } from "./testing/collect-log.ts";
import { ownVirtualHost } from "./testing/own-virtual-host.ts";
import { relayTo } from "./testing/relay-to.ts";
import { deleteIntakeQueue, resetTopology } from "./testing/reset-topology.ts";
import { until } from "./testing/until.ts";

const { host, stranger } = await ownVirtualHost();

const { log } = collectLog();
const WINDOW = 8;
const PREFETCH = 8;
const FULL_QUEUE = "full";

/** A way to a broker as good as new, which can be cut. */
async function openRelay() {
  await stranger.do(resetTopology);
  const relay = await relayTo(host.url, (client, broker) => client.pipe(broker));
  onTestFinished(relay.close);
  return relay;
}
/** Takes all that is ready out of the intake queue. */
const takeAll = () =>
  stranger.do(async (channel) => {
    const taken: string[] = [];
    for (;;) {
      const message = await channel.get(INTAKE_QUEUE, { noAck: true });
      if (message === false) return taken;
      taken.push(message.content.toString());
    }
  });

describePublisher(
  "the publisher on RabbitMQ",
  async () => {
    const relay = await openRelay();
    await stranger.do(async (channel) => {
      await channel.assertQueue(FULL_QUEUE, { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
      await channel.purgeQueue(FULL_QUEUE);
      channel.sendToQueue(FULL_QUEUE, Buffer.from("1"));
    });
    const publisher = openPublisher({ url: relay.url, name: "test", log, window: WINDOW });
    onTestFinished(publisher.close);
    await until(() => publisher.status() === "up", 5_000);
    let isRefusing = false;
    return {
      publish(text) {
        const message = ordersMessage([{ body: Buffer.from(text), source: "http" }]);
        const to = isRefusing ? { ...message, routingKey: FULL_QUEUE } : message;
        isRefusing = false;
        return publisher.publish(to);
      },
      unconfirmed: publisher.unconfirmed,
      close: publisher.close,
      takeKept: takeAll,
      settled: (promise) => promise,
      refuseNext() {
        isRefusing = true;
      },
      lose: relay.cut,
      removeQueue: () => stranger.do(deleteIntakeQueue),
    };
  },
  { window: WINDOW },
);

describeConsumer(
  "the consumer on RabbitMQ",
  async () => {
    const relay = await openRelay();
    return {
      send: (...texts) =>
        stranger.do(async (channel) => {
          for (const text of texts) channel.sendToQueue(INTAKE_QUEUE, Buffer.from(text), { persistent: true });
        }),
      consume(onDelivery) {
        const options = { url: relay.url, name: "test", log, prefetch: PREFETCH, pedidosQueue: "off" } as const;
        const consumer = openConsumer({ ...options, onDelivery });
        onTestFinished(consumer.close);
        return consumer;
      },
      until: (condition) => until(condition, 10_000),
      untilQuiet: () => new Promise((resolve) => setTimeout(resolve, 300)),
      takeLeft: takeAll,
      lose: relay.cut,
    };
  },
  { prefetch: PREFETCH },
);

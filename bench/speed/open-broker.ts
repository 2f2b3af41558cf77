import { topology } from "@pedidos/messaging";
import { type ChannelModel, connect } from "amqplib";

/** What the run itself does at the broker. */
export type Broker = {
  readonly purge: (...queues: string[]) => Promise<void>;
  readonly declare: (queue: string) => Promise<void>;
  /** Declares the system's queues as it does itself, and drops what an earlier section left: what was still in flight. */
  readonly emptyIntake: () => Promise<void>;
  /** Publishes persistent messages and resolves when all of them are confirmed. */
  readonly publish: (queue: string, messages: Iterable<Message>) => Promise<void>;
  /** Takes what is announced, so that announcing costs what it costs where somebody listens. */
  readonly listen: () => Promise<Listening>;
  readonly close: () => Promise<void>;
};
/** `heard` resolves when so many orders have been announced. */
type Listening = { readonly heard: (count: number) => Promise<number>; readonly stop: () => Promise<void> };
type Message = {
  readonly body: Buffer;
  readonly contentType: string;
  readonly headers?: Record<string, string>;
};

export const INTAKE = "orders.intake";
/** So many unconfirmed messages at most. */
const WINDOW = 1_000;

export async function openBroker(url: string): Promise<Broker> {
  const model: ChannelModel = await connect(url, { noDelay: true });
  // A call that fails for it says so itself.
  model.on("error", () => {});
  const channel = await model.createConfirmChannel();
  return {
    async purge(...queues) {
      for (const queue of queues) await channel.purgeQueue(queue);
    },
    async declare(queue) {
      await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
    },
    async emptyIntake() {
      for (const queue of topology.queues)
        await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
      await channel.purgeQueue(INTAKE);
    },
    async publish(queue, messages) {
      let sent = 0;
      for (const { body, contentType, headers } of messages) {
        channel.publish("", queue, body, { persistent: true, contentType, headers });
        if (++sent % WINDOW === 0) await channel.waitForConfirms();
      }
      await channel.waitForConfirms();
    },
    async listen() {
      const listening = await model.createChannel();
      await listening.assertExchange("orders.events", "topic", { durable: true });
      const { queue } = await listening.assertQueue("", { exclusive: true });
      await listening.bindQueue(queue, "orders.events", "order.recorded");
      let [count, wanted] = [0, Number.POSITIVE_INFINITY];
      let resolve = (_at: number) => {};
      await listening.consume(
        queue,
        (message) => {
          // Counting by its ids is a hundred times cheaper than parsing.
          if (message !== null) count += countOf(message.content, '"id":"order.recorded:');
          if (count >= wanted) resolve(performance.now());
        },
        { noAck: true },
      );
      return {
        heard(total) {
          if (count >= total) return Promise.resolve(performance.now());
          wanted = total;
          return new Promise((done) => {
            resolve = done;
          });
        },
        stop: () => listening.close(),
      };
    },
    close: () => model.close(),
  };
}

/** Messages as the API makes them under load: so many orders each, one a line. */
export function* ordersMessages(firstId: number, count: number, ordersEach: number, write: (id: number) => string) {
  const headers = { source: "http" };
  for (let from = 0; from < count; from += ordersEach) {
    const lines = Array.from({ length: Math.min(ordersEach, count - from) }, (_, index) =>
      write(firstId + from + index),
    );
    const [only] = lines;
    if (ordersEach === 1 && only !== undefined)
      yield { body: Buffer.from(only), contentType: "application/json", headers };
    else yield { body: Buffer.from(`${lines.join("\n")}\n`), contentType: "application/x-ndjson", headers };
  }
}

function countOf(content: Buffer, text: string): number {
  let count = 0;
  for (let at = content.indexOf(text); at !== -1; at = content.indexOf(text, at + text.length)) count++;
  return count;
}

import type { Delivery } from "@pedidos/broker";
import { describeConsumer } from "@pedidos/broker/suites/consumer";
import { expect, test } from "vitest";
import { openEventConsumer } from "./open-event-consumer.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
/** As AWS documents it, a header with text as its bytes. */
const documented = {
  eventSource: "aws:rmq",
  eventSourceArn: "arn:aws:mq:us-east-2:111122223333:broker:pedidos:b-9bcfa592-423a-4942-879d-eb284b418fc8",
  rmqMessagesByQueue: {
    "orders.intake::/": [
      {
        basicProperties: {
          contentType: "application/x-ndjson",
          contentEncoding: null,
          headers: { source: { bytes: [104, 116, 116, 112] }, numberInHeader: 10 },
          deliveryMode: 2,
          timestamp: "Jan 1, 1970, 12:33:41 AM",
          bodySize: 5,
        },
        redelivered: false,
        data: base64("1\n2\n"),
      },
    ],
    "pedidos::shop": [
      { basicProperties: { contentType: null, headers: null }, redelivered: true, data: base64("lápis") },
    ],
  },
};

function open(event: unknown) {
  const consumer = openEventConsumer(event);
  const deliveries: Delivery[] = [];
  const broker = consumer.consume((delivery) => deliveries.push(delivery));
  void broker.hold(true);
  expect(deliveries).toEqual([]);
  void broker.hold(false);
  return { consumer, deliveries, broker };
}

test("the documented event: bodies, content types, sources, and what came before", async () => {
  const { consumer, deliveries } = open(documented);
  expect(consumer.messages).toBe(2);
  expect(deliveries.map(({ body, acknowledge: _, ...rest }) => ({ ...rest, text: String(body) }))).toEqual([
    {
      queue: "orders.intake",
      contentType: "application/x-ndjson",
      source: "http",
      redelivered: false,
      awaited: true,
      text: "1\n2\n",
    },
    { queue: "pedidos", contentType: undefined, source: "pedidos", redelivered: true, awaited: true, text: "lápis" },
  ]);
});

test("is settled when every message is acknowledged, each counted once", async () => {
  const { consumer, deliveries } = open(documented);
  let settled = false;
  const settling = consumer.settled.then(() => {
    settled = true;
  });
  deliveries[0]?.acknowledge();
  deliveries[0]?.acknowledge();
  await Promise.resolve();
  expect(settled).toBe(false);
  deliveries[1]?.acknowledge();
  await settling;
});

test("handed back before: rejects as a whole, saying how many", async () => {
  const { consumer, deliveries, broker } = open(documented);
  deliveries[0]?.acknowledge();
  await broker.pause();
  await expect(consumer.settled).rejects.toThrow("1 of 2 messages could not be recorded");
});

test.each([{ source: "aws.events", "detail-type": "Scheduled Event" }, {}, null, undefined])(
  "%j brings no messages",
  (event) => {
    expect(open(event)).toMatchObject({ consumer: { messages: 0 }, deliveries: [] });
  },
);

test.each([
  ["another queue", { "pizzaQueue::/": [] }, "pizzaQueue::/; the function's trigger must read"],
  ["no list", { "pedidos::/": {} }, "messages of pedidos::/ are no array"],
  ["no data", { "pedidos::/": [{ redelivered: false }] }, "a message of pedidos without data"],
  ["no object", [], "rmqMessagesByQueue is no object"],
])("%s is an error, not silence", (_, rmqMessagesByQueue, message) => {
  expect(() => openEventConsumer({ rmqMessagesByQueue })).toThrow(message);
});

/** As AWS Lambda does: an event that is not settled as a whole is delivered again, as another event. */
describeConsumer(
  "the consumer of an event",
  async () => {
    let queue: { readonly text: string; redelivered: boolean }[] = [];
    let event: ReturnType<typeof openEventConsumer> | undefined;
    async function endEvent(): Promise<void> {
      await event?.settled.then(
        () => {
          queue = [];
        },
        () => {
          for (const message of queue) message.redelivered = true;
        },
      );
    }
    return {
      send: async (...texts) => void queue.push(...texts.map((text) => ({ text, redelivered: false }))),
      consume(onDelivery) {
        const messages = queue.map(({ text, redelivered }) => ({ data: base64(text), redelivered }));
        event = openEventConsumer({ rmqMessagesByQueue: { "orders.intake::/": messages } });
        const consumer = event.consume(onDelivery);
        return { ...consumer, close: () => consumer.close().then(endEvent) };
      },
      until: async (condition) => expect(condition()).toBe(true),
      untilQuiet: async () => {},
      takeLeft: async () => queue.splice(0).map(({ text }) => text),
      lose() {},
    };
  },
  { isOneBatch: true },
);

import type { BrokerConsumer, Delivery } from "@pedidos/broker";
import { INTAKE_QUEUE, type OrderQueue, PEDIDOS_QUEUE } from "@pedidos/domain";
import { isRecord } from "../is-record.ts";
import { sourceOf } from "../topology/topology.ts";

/**
 * A consumer of what an event of AWS Lambda brings from Amazon MQ for RabbitMQ: `rmqMessagesByQueue`, under
 * `queue::virtual host` a list of `{data (base64), redelivered, basicProperties: {contentType, headers}}`. The sender
 * of the event acknowledges all of it or none. An event without messages, such as a schedule's, delivers none.
 *
 * @throws if it holds messages that are none of ours
 */
export function openEventConsumer(event: unknown) {
  const received = messagesOf(event);
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => {}); // nobody may be waiting for it
  const unsettled = new Set(received);
  function acknowledge(message: Message): void {
    if (unsettled.delete(message) && unsettled.size === 0) done.resolve();
  }
  return {
    /** How many messages the event holds. */
    messages: received.length,
    /** Resolves when all of them are acknowledged; rejects when they are handed back before. */
    settled: done.promise,
    /** Delivers them, each once, when it is let go: `hold(false)`. */
    consume(onDelivery: (delivery: Delivery) => void): BrokerConsumer {
      let undelivered = received;
      async function cancel(): Promise<void> {
        undelivered = [];
      }
      async function handBack(): Promise<void> {
        await cancel();
        done.reject(
          new Error(`${unsettled.size} of ${received.length} messages could not be recorded and are handed back`),
        );
      }
      return {
        status: () => "up",
        pause: handBack,
        resume() {},
        async hold(held) {
          if (held) return;
          for (const message of undelivered) onDelivery({ ...message, acknowledge: () => acknowledge(message) });
          undelivered = [];
        },
        cancel,
        close: handBack,
      };
    },
  };
}

type Message = Omit<Delivery, "acknowledge">;

function messagesOf(event: unknown): Message[] {
  if (!isRecord(event) || event.rmqMessagesByQueue === undefined) return [];
  if (!isRecord(event.rmqMessagesByQueue)) throw new Error("the event's rmqMessagesByQueue is no object");
  return Object.entries(event.rmqMessagesByQueue).flatMap(([key, list]) => {
    const queue = queueOf(key);
    if (!Array.isArray(list)) throw new Error(`the event's messages of ${key} are no array`);
    return list.map((message: unknown) => messageOf(queue, message));
  });
}

function queueOf(key: string): OrderQueue {
  const queue = key.split("::", 1)[0];
  if (queue === INTAKE_QUEUE || queue === PEDIDOS_QUEUE) return queue;
  throw new Error(
    `the event holds messages of ${key}; the function's trigger must read ${INTAKE_QUEUE} or ${PEDIDOS_QUEUE}`,
  );
}

function messageOf(queue: OrderQueue, message: unknown): Message {
  if (!isRecord(message) || typeof message.data !== "string")
    throw new Error(`the event holds a message of ${queue} without data in base64`);
  const { contentType, headers } = isRecord(message.basicProperties) ? message.basicProperties : {};
  return {
    queue,
    body: Buffer.from(message.data, "base64"),
    contentType: typeof contentType === "string" ? contentType : undefined,
    source: sourceOf(queue, isRecord(headers) ? textOf(headers.source) : undefined),
    redelivered: message.redelivered === true,
    // By the function, at least.
    awaited: true,
  };
}

/** A header with text comes as `{bytes: [104, 116, …]}`. */
function textOf(header: unknown): string | undefined {
  if (!isRecord(header) || !Array.isArray(header.bytes)) return undefined;
  return Buffer.from(header.bytes).toString();
}

import type { IntakeBroker } from "@pedidos/broker";
import { revivedMessage } from "./dead-letters/dead-letter.ts";
import { openDeadLetters } from "./dead-letters/open-dead-letters.ts";
import { ordersMessage } from "./publishing/messages.ts";
import { openPublisher, type PublisherOptions } from "./publishing/open-publisher.ts";

/** RabbitMQ as the API sees it. Connects by itself, and waits for nothing. */
export function openIntakeBroker(options: PublisherOptions): IntakeBroker {
  const { publish, status, ...publisher } = openPublisher(options);
  return {
    ...publisher,
    status: () => (status() === "up" ? "up" : "down"),
    publish: (orders) => publish(ordersMessage(orders)),
    requeue: (deadLetter) => publish(revivedMessage(deadLetter)),
    deadLetters: openDeadLetters(options),
  };
}

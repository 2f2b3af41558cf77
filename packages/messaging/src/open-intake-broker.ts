import type { IntakeBroker } from "@pedidos/broker";
import { revivedMessage } from "./dead-letters/dead-letter.ts";
import { openDeadLetters } from "./dead-letters/open-dead-letters.ts";
import { ordersMessage } from "./publishing/messages.ts";
import { openPublisher, type PublisherOptions } from "./publishing/open-publisher.ts";

export type IntakeBrokerOptions = PublisherOptions & {
  /**
   * The same broker as the user who may read the dead letters. RabbitMQ lets a user that reads a queue purge it, so the user of
   * `url` need not be that one. Default: `url`.
   */
  readonly deadLettersUrl?: string | undefined;
};

/** RabbitMQ as the API sees it. Connects by itself, and waits for nothing. */
export function openIntakeBroker({ deadLettersUrl, ...options }: IntakeBrokerOptions): IntakeBroker {
  const { publish, status, ...publisher } = openPublisher(options);
  return {
    ...publisher,
    status: () => (status() === "up" ? "up" : "down"),
    publish: (orders) => publish(ordersMessage(orders)),
    requeue: (deadLetter) => publish(revivedMessage(deadLetter)),
    deadLetters: openDeadLetters({ ...options, url: deadLettersUrl ?? options.url }),
  };
}

import type { ConnectionOptions } from "./connection/open-connection.ts";
import { type DeadLetters, openDeadLetters } from "./dead-letters/open-dead-letters.ts";
import { type OrdersMessageOptions, ordersMessage } from "./publishing/messages.ts";
import { openPublisher, type Publisher } from "./publishing/open-publisher.ts";
import type { PublishOutcome } from "./publishing/open-unconfirmed.ts";

/** The broker as an API sees it. */
export type IntakeBroker = {
  /** Publishes orders that came over HTTP, as one message; at least one, each in the English form without a line break. */
  readonly publish: (bodies: readonly Uint8Array[], options?: OrdersMessageOptions) => Promise<PublishOutcome>;
  /** "down" whenever it takes no publishes. */
  readonly status: () => "up" | "down";
  readonly depths: Publisher["depths"];
  readonly unconfirmed: Publisher["unconfirmed"];
  readonly deadLetters: DeadLetters;
  /** Publishes a dead letter to where it came from. */
  readonly requeue: Publisher["publish"];
  /** Settles what is unconfirmed, then ends the connection. */
  readonly close: Publisher["close"];
};

/** Does not wait for the broker; recovers by itself for ever. */
export function openIntakeBroker(connection: ConnectionOptions): IntakeBroker {
  const { publish, status, depths, unconfirmed, close } = openPublisher(connection);
  return {
    publish: (bodies, options) => publish(ordersMessage(bodies, "http", options)),
    status: () => (status() === "up" ? "up" : "down"),
    depths,
    unconfirmed,
    deadLetters: openDeadLetters(connection),
    requeue: publish,
    close,
  };
}

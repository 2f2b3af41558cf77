import type { AnnouncementOutcome, RecordingBroker } from "@pedidos/broker";
import { type ConsumerOptions, openConsumer } from "./consuming/open-consumer.ts";
import { deadLetterMessage, eventMessages } from "./publishing/messages.ts";
import { openPublisher, type Publisher } from "./publishing/open-publisher.ts";

export type RecordingBrokerOptions = Omit<ConsumerOptions, "prefetch" | "onDelivery"> & {
  /** How many messages of each queue may be unacknowledged. */
  readonly prefetch?: number;
};

/** Messages of one order each are slow to come where fewer are in flight; more would be too many bytes of long ones. */
const PREFETCH = 400;

/** RabbitMQ as the consumer sees it. Connects by itself, and waits for nothing. */
export function openRecordingBroker(options: RecordingBrokerOptions): RecordingBroker {
  const { status, depths, close, publish } = openPublisher(options);
  return {
    ...announcingBy(publish),
    status,
    depths,
    close,
    consume: (onDelivery) => openConsumer({ prefetch: PREFETCH, ...options, onDelivery }),
  };
}

/** → how events and bodies that are too large are published. */
export function announcingBy(publish: Publisher["publish"]): Pick<RecordingBroker, "announce" | "setAside"> {
  return {
    async announce(events, traceparent): Promise<AnnouncementOutcome> {
      const outcomes = await Promise.all(eventMessages(events, traceparent).map(publish));
      if (outcomes.includes("unavailable")) return "unavailable";
      // An event that no queue is bound for has reached everybody there is.
      return outcomes.includes("refused") ? "refused" : "announced";
    },
    setAside: async ({ source, body }) => (await publish(deadLetterMessage(body, source))) === "confirmed",
  };
}

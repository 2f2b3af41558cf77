import type { AnnouncementOutcome, RecordingBroker } from "@pedidos/broker";
import { type ConsumerOptions, openConsumer } from "./consuming/open-consumer.ts";
import { deadLetterMessage, eventMessages } from "./publishing/messages.ts";
import { openPublisher, type Publisher } from "./publishing/open-publisher.ts";

/** RabbitMQ as the consumer sees it. Connects by itself, and waits for nothing. */
export function openRecordingBroker(options: Omit<ConsumerOptions, "onDelivery">): RecordingBroker {
  const { publish, ...publisher } = openPublisher(options);
  return {
    ...publisher,
    ...announcingBy(publish),
    consume: (onDelivery) => openConsumer({ ...options, onDelivery }),
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

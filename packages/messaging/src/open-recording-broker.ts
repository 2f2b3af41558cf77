import type { ConnectionOptions } from "./connection/open-connection.ts";
import type { BrokerConsumer } from "./consuming/consumer.ts";
import { type ConsumerOptions, openConsumer } from "./consuming/open-consumer.ts";
import { openPublisher, type Publisher } from "./publishing/open-publisher.ts";

/** The broker as a recorder sees it, which closes both its publisher and its consumer. */
export type RecordingBroker = {
  readonly publisher: Publisher;
  readonly consume: (onDelivery: ConsumerOptions["onDelivery"]) => BrokerConsumer;
  readonly depths: Publisher["depths"];
};

/** Messages of one order each are slow to come with fewer in flight; more would be too many bytes of long ones. */
const PREFETCH = 400;

/** Does not wait for the broker; recovers by itself for ever. Nothing is consumed before `consume`. */
export function openRecordingBroker({
  prefetch = PREFETCH,
  pedidosQueue,
  ...connection
}: ConnectionOptions &
  Pick<ConsumerOptions, "pedidosQueue"> &
  Partial<Pick<ConsumerOptions, "prefetch">>): RecordingBroker {
  const publisher = openPublisher(connection);
  return {
    publisher,
    consume: (onDelivery) => openConsumer({ ...connection, prefetch, pedidosQueue, onDelivery }),
    depths: publisher.depths,
  };
}

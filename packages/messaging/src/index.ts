export { type DeadLetter, type DeathReason, deathReasons, revivedMessage } from "./dead-letter.ts";
export { findBrokerConcerns } from "./find-broker-concerns.ts";
export { type BrokerFacts, inspectBroker, type TopologyPart } from "./inspect-broker.ts";
export { judgeQueues } from "./judge-queues.ts";
export {
  deadLetterMessage,
  eventMessages,
  type OrdersMessageOptions,
  type OutgoingMessage,
  ordersMessage,
} from "./messages.ts";
export { type BrokerConsumer, type ConsumerOptions, type Delivery, openConsumer } from "./open-consumer.ts";
export { type DeadLetters, openDeadLetters } from "./open-dead-letters.ts";
export { type EventConsumer, openEventConsumer } from "./open-event-consumer.ts";
export { openPublisher, type Publisher, type PublisherOptions } from "./open-publisher.ts";
export { type Link, openWindow } from "./open-window.ts";
export type { PedidosQueue } from "./prepare-pedidos.ts";
export type { QueueDepths } from "./read-depths.ts";
export { topology } from "./topology.ts";
export type { Traceparents } from "./trace-headers.ts";
export type { PublishOutcome } from "./unconfirmed.ts";

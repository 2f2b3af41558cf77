export { type BrokerConsumer, type ConsumerOptions, type Delivery, openConsumer } from "./consuming/open-consumer.ts";
export { type EventConsumer, openEventConsumer } from "./consuming/open-event-consumer.ts";
export { type DeadLetter, revivedMessage } from "./dead-letters/dead-letter.ts";
export { type DeadLetters, openDeadLetters } from "./dead-letters/open-dead-letters.ts";
export { findBrokerConcerns } from "./inspecting/find-broker-concerns.ts";
export { type BrokerFacts, inspectBroker, type TopologyPart } from "./inspecting/inspect-broker.ts";
export { judgeQueues } from "./inspecting/judge-queues.ts";
export type { QueueDepths } from "./inspecting/read-depths.ts";
export {
  deadLetterMessage,
  eventMessages,
  type OrdersMessageOptions,
  type OutgoingMessage,
  ordersMessage,
} from "./publishing/messages.ts";
export { openPublisher, type Publisher, type PublisherOptions } from "./publishing/open-publisher.ts";
export { type Link, openWindow } from "./publishing/open-window.ts";
export type { Traceparents } from "./publishing/trace-headers.ts";
export type { PublishOutcome } from "./publishing/unconfirmed.ts";
export type { PedidosQueue } from "./topology/prepare-pedidos.ts";
export { topology } from "./topology/topology.ts";

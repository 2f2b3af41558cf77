export type { BrokerConsumer, Delivery } from "./consuming/consumer.ts";
export { type ConsumerOptions, openConsumer } from "./consuming/open-consumer.ts";
export { type EventConsumer, openEventConsumer } from "./consuming/open-event-consumer.ts";
export { type DeadLetter, revivedMessage } from "./dead-letters/dead-letter.ts";
export { type DeadLetters, openDeadLetters } from "./dead-letters/open-dead-letters.ts";
export { type BrokerFacts, inspectBroker, type TopologyPart } from "./inspecting/inspect-broker.ts";
export { findBrokerConcerns, judgeQueues } from "./inspecting/judge-queues.ts";
export type { QueueDepths } from "./inspecting/read-depths.ts";
export { openIntakeBroker } from "./open-intake-broker.ts";
export { announcingBy, openRecordingBroker, type RecordingBrokerOptions } from "./open-recording-broker.ts";
export {
  deadLetterMessage,
  eventMessages,
  type OutgoingMessage,
  ordersMessage,
} from "./publishing/messages.ts";
export { openPublisher, type Publisher, type PublisherOptions } from "./publishing/open-publisher.ts";
export type { PublishOutcome } from "./publishing/open-unconfirmed.ts";
export { type Link, openWindow } from "./publishing/open-window.ts";
export type { Traceparents } from "./publishing/trace-headers.ts";
export type { PedidosQueue } from "./topology/prepare-pedidos.ts";
export { topology } from "./topology/topology.ts";

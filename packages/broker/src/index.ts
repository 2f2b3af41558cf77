export type { DeadLetter, DeadLetters } from "./dead-letters.ts";
export {
  DEAD_LETTER_QUEUE,
  EVENTS_EXCHANGE,
  INTAKE_QUEUE,
  type OrderQueue,
  PEDIDOS_QUEUE,
  type QueueDepths,
} from "./doors.ts";
export type { IntakeBroker, PublishOutcome } from "./intake-broker.ts";
export type {
  AnnouncementOutcome,
  BrokerConsumer,
  Delivery,
  RecordingBroker,
  Traceparents,
} from "./recording-broker.ts";

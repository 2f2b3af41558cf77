import { reasons, sources } from "@pedidos/domain";
import * as Type from "typebox";
import { CURSOR, id, nullable, oneOf, RECORDED_AT, rejectionId, type Static, time } from "./fields.ts";
import { ListedOrder } from "./order.ts";

/** Where events are announced; it has no queue of ours. */
export const EVENTS_EXCHANGE = "orders.events";
/** So many are in one message at most. */
export const EVENTS_A_MESSAGE = 500;

const { placedAt: _, ...announced } = ListedOrder.properties;
export const OrderRecorded = Type.Object(announced);
export type OrderRecorded = Static<typeof OrderRecorded>;

export const OrderRejected = Type.Object({
  rejectionId,
  orderId: nullable(id("Where it could be read.")),
  reason: oneOf(reasons),
  source: oneOf(sources),
});
export type OrderRejected = Static<typeof OrderRejected>;

/** The attributes of CloudEvents 1.0 that our events have, and no others. */
function attributesOf<Kind extends Type.TSchema, Data extends Type.TSchema>(type: Kind, data: Data) {
  return {
    specversion: Type.Literal("1.0"),
    id: Type.String({ description: "The same however often the change is announced, over HTTP or RabbitMQ." }),
    source: Type.Literal("pedidos"),
    type,
    subject: Type.Optional(Type.String({ description: "orders/ and the order's id, where that could be read." })),
    time: time("When it was recorded, or first rejected."),
    datacontenttype: Type.Literal("application/json"),
    data,
  };
}

/** Every kind of event, in the order that those of one time have in the feed. The `type` is also the routing key. */
export const eventKinds = [
  { kind: "recorded", schema: Type.Object(attributesOf(Type.Literal("order.recorded"), OrderRecorded)) },
  { kind: "rejected", schema: Type.Object(attributesOf(Type.Literal("order.rejected"), OrderRejected)) },
] as const;
export type EventKind = (typeof eventKinds)[number]["kind"];

/** Any event, on the exchange and over HTTP alike. */
export type CloudEvent = Static<(typeof eventKinds)[number]["schema"]>;
export const CloudEvent = Type.Unsafe<CloudEvent>(
  Type.Object(
    attributesOf(
      oneOf(eventKinds.map(({ schema }) => schema.properties.type.const)),
      Type.Union(eventKinds.map(({ schema }) => schema.properties.data)),
    ),
  ),
);

/** Made of what `recorded` holds by these names, and nothing else of it. */
export function recordedEvent(recorded: OrderRecorded): CloudEvent {
  const { orderId, customerId, total, itemCount, recordedAt } = recorded;
  return {
    specversion: "1.0",
    id: `order.recorded:${orderId}`,
    source: "pedidos",
    type: "order.recorded",
    subject: `orders/${orderId}`,
    time: recordedAt,
    datacontenttype: "application/json",
    data: { orderId, customerId, total, itemCount, recordedAt },
  };
}

/** As {@link recordedEvent}, of a rejection. */
export function rejectedEvent(rejected: OrderRejected & { readonly firstSeenAt: string }): CloudEvent {
  const { rejectionId, orderId, reason, source, firstSeenAt } = rejected;
  return {
    specversion: "1.0",
    id: `order.rejected:${rejectionId}`,
    source: "pedidos",
    type: "order.rejected",
    ...(orderId === null ? {} : { subject: `orders/${orderId}` }),
    time: firstSeenAt,
    datacontenttype: "application/json",
    data: { rejectionId, orderId, reason, source },
  };
}

/** The event of the examples. */
export const exampleEvent = recordedEvent({
  orderId: 1001,
  customerId: 1,
  total: "120.00",
  itemCount: 2,
  recordedAt: RECORDED_AT,
});

export const ChangePage = Type.Object(
  {
    changes: Type.Array(CloudEvent, { description: "CloudEvents 1.0, oldest first." }),
    nextCursor: Type.String({ description: "Opaque; goes on after this page, which may be the newest." }),
  },
  {
    $id: "ChangePage",
    examples: [{ changes: [exampleEvent], nextCursor: CURSOR }],
  },
);
export type ChangePage = Static<typeof ChangePage>;

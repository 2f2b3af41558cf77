import type { Reason, Source } from "./order.ts";

/** An order that is in the database. `total` as the contract writes money, `recordedAt` the database's clock, RFC 3339. */
export type OrderRecorded = {
  readonly orderId: number;
  readonly customerId: number;
  readonly total: string;
  readonly itemCount: number;
  readonly recordedAt: string;
};

/** A rejection that is in the database. `orderId` is null where none could be read. */
export type OrderRejected = {
  readonly rejectionId: number;
  readonly orderId: number | null;
  readonly reason: Reason;
  readonly source: Source;
  readonly firstSeenAt: string;
};

/** A CloudEvent 1.0 in its JSON form, with the attributes that our events have and no others. */
export type CloudEvent = {
  readonly specversion: "1.0";
  /** The same however often the event is sent. */
  readonly id: string;
  readonly source: "pedidos";
  /** Also the routing key. */
  readonly type: "order.recorded" | "order.rejected";
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: OrderRecorded | Omit<OrderRejected, "firstSeenAt">;
};

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

export function rejectedEvent(rejected: OrderRejected): CloudEvent {
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

import { reasons, sources } from "@pedidos/domain";
import * as Type from "typebox";
import { CURSOR, id, nullable, oneOf, RECORDED_AT, rejectionId, type Static, time, total } from "./fields.ts";

export const OrderRecorded = Type.Object({
  orderId: id("The producer's id."),
  customerId: id("The customer who ordered."),
  total,
  itemCount: Type.Integer(),
  recordedAt: time("The database's clock."),
});
export type OrderRecorded = Static<typeof OrderRecorded>;

export const OrderRejected = Type.Object({
  rejectionId,
  orderId: nullable(id("Where it could be read.")),
  reason: oneOf(reasons),
  source: oneOf(sources),
});
export type OrderRejected = Static<typeof OrderRejected>;

/** What `recordedEvent` and `rejectedEvent` of the domain make, on the exchange and over HTTP alike. */
export const CloudEvent = Type.Object({
  specversion: Type.Literal("1.0"),
  id: Type.String({ description: "The same however often the change is told, over HTTP or RabbitMQ." }),
  source: Type.Literal("pedidos"),
  type: oneOf(["order.recorded", "order.rejected"]),
  subject: Type.Optional(Type.String({ description: "orders/ and the order's id, where that could be read." })),
  time: time("When it was recorded, or first rejected."),
  datacontenttype: Type.Literal("application/json"),
  data: Type.Union([OrderRecorded, OrderRejected]),
});
export type CloudEvent = Static<typeof CloudEvent>;

export const ChangePage = Type.Object(
  {
    changes: Type.Array(CloudEvent, { description: "CloudEvents 1.0, oldest first." }),
    nextCursor: Type.String({ description: "Opaque; goes on after this page, which may be the newest." }),
  },
  {
    $id: "ChangePage",
    examples: [
      {
        changes: [
          {
            specversion: "1.0",
            id: "order.recorded:1001",
            source: "pedidos",
            type: "order.recorded",
            subject: "orders/1001",
            time: RECORDED_AT,
            datacontenttype: "application/json",
            data: { orderId: 1001, customerId: 1, total: "120.00", itemCount: 2, recordedAt: RECORDED_AT },
          },
        ],
        nextCursor: CURSOR,
      },
    ],
  },
);
export type ChangePage = Static<typeof ChangePage>;

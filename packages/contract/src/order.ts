import * as domain from "@pedidos/domain";
import * as Type from "typebox";
import { CURSOR, id, money, nextCursor, nullable, oneOf, RECORDED_AT, type Static, time, total } from "./fields.ts";

const EXAMPLE = {
  orderId: 1001,
  customerId: 1,
  placedAt: "2026-11-24T12:00:00Z",
  items: [
    { product: "lápis", quantity: 100, unitPrice: 1.1 },
    { product: "caderno", quantity: 10, unitPrice: "1.00" },
  ],
};

/** An order as producers send it. */
export const OrderInput = { ...domain.OrderInput, $id: "Order", examples: [EXAMPLE] };
export type OrderInput = Static<typeof OrderInput>;

/** What became of an order that was sent or replayed. */
export const SubmittedOrder = Type.Object(
  { orderId: id("As it was sent."), customerId: id("As it was sent."), total, status: oneOf(["accepted", "recorded"]) },
  { $id: "SubmittedOrder", examples: [{ orderId: 1001, customerId: 1, total: "120.00", status: "accepted" }] },
);
export type SubmittedOrder = Static<typeof SubmittedOrder>;

export const RecordedOrder = Type.Object(
  {
    orderId: id("The producer's id."),
    customerId: id("The customer who ordered."),
    total,
    items: Type.Array(
      Type.Object({ product: Type.String(), quantity: Type.Integer(), unitPrice: money("The price of one piece.") }),
      { description: "Empty for an order taken over from the replaced system, which kept no items." },
    ),
    placedAt: nullable(time("The producer's clock.")),
    recordedAt: time("The database's clock."),
    status: Type.Literal("recorded"),
  },
  {
    $id: "RecordedOrder",
    examples: [
      {
        ...EXAMPLE,
        total: "120.00",
        items: EXAMPLE.items.map((item) => ({ ...item, unitPrice: Number(item.unitPrice).toFixed(2) })),
        recordedAt: RECORDED_AT,
        status: "recorded",
      },
    ],
  },
);
export type RecordedOrder = Static<typeof RecordedOrder>;

/** The order of the examples, as one of many. */
export const exampleListed = {
  orderId: EXAMPLE.orderId,
  customerId: EXAMPLE.customerId,
  total: "120.00",
  itemCount: EXAMPLE.items.length,
  placedAt: EXAMPLE.placedAt,
  recordedAt: RECORDED_AT,
};

/** An order as one of many: of a page, or a line of an export. */
export const ListedOrder = Type.Object(
  {
    orderId: id("The producer's id."),
    customerId: id("The customer who ordered."),
    total,
    itemCount: Type.Integer(),
    placedAt: nullable(time("The producer's clock.")),
    recordedAt: time("The database's clock."),
  },
  { $id: "ListedOrder", examples: [exampleListed] },
);
export type ListedOrder = Static<typeof ListedOrder>;

export const OrderPage = Type.Object(
  { orders: Type.Array(ListedOrder), nextCursor },
  { $id: "OrderPage", examples: [{ orders: [exampleListed], nextCursor: CURSOR }] },
);
export type OrderPage = Static<typeof OrderPage>;

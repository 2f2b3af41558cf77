import * as Type from "typebox";
import { count, id, money, nullable, RECORDED_AT, type Static, time } from "./fields.ts";

const totalValue = money("The exact sum of all totals.");

export const Customer = Type.Object(
  {
    customerId: id("As it was asked for."),
    orderCount: Type.Integer(),
    totalValue,
    firstOrderAt: nullable(time("When the first order was recorded.")),
    lastOrderAt: nullable(time("When the last order was recorded.")),
  },
  {
    $id: "Customer",
    examples: [
      { customerId: 1, orderCount: 1, totalValue: "120.00", firstOrderAt: RECORDED_AT, lastOrderAt: RECORDED_AT },
    ],
  },
);
export type Customer = Static<typeof Customer>;

/** What the orders of a customer come to. */
export const Sums = Type.Object({ orderCount: count, totalValue });
export type Sums = Static<typeof Sums>;

export const CustomerDifference = Type.Object(
  {
    customerId: id("The customer's id."),
    recorded: nullable(Sums),
    counted: Sums,
    repaired: Type.Boolean({ description: "It is as counted from now on." }),
  },
  {
    $id: "CustomerDifference",
    description: "A customer whose count or total is not that of its orders; `recorded` is null if it has none.",
    examples: [
      {
        customerId: 1,
        recorded: { orderCount: 1, totalValue: "100.00" },
        counted: { orderCount: 1, totalValue: "120.00" },
        repaired: false,
      },
    ],
  },
);
export type CustomerDifference = Static<typeof CustomerDifference>;

export const RecountProgress = Type.Object(
  { progress: Type.Object({ customers: count, orders: count }) },
  { $id: "RecountProgress", examples: [{ progress: { customers: 12_000, orders: 480_000 } }] },
);
export type RecountProgress = Static<typeof RecountProgress>;

export const RecountCounts = Type.Object(
  { customers: count, orders: count, different: count, repaired: count },
  {
    $id: "RecountCounts",
    description: "All were counted.",
    examples: [{ customers: 12_748, orders: 500_000, different: 1, repaired: 0 }],
  },
);
export type RecountCounts = Static<typeof RecountCounts>;

import * as Type from "typebox";

/** What an order may hold. The rules of the contract, in one place. */
export const limits = {
  /** The greatest id: 2^53 - 1, the last integer that every JSON reader agrees on. */
  id: Number.MAX_SAFE_INTEGER,
  /** Of its JSON, by HTTP and AMQP alike. */
  bytes: 1024 * 1024,
  items: 1_000,
  /** Code points of a product's name. */
  productLength: 200,
  quantity: 1_000_000_000,
  /** The greatest price, 99999999999.9999, in units of 1/10000: 15 digits, which a double holds exactly. */
  priceUnits: 999_999_999_999_999,
} as const;

/** One line of an order. `priceUnits` is the price of one piece in units of 1/10000: 1.10 is 11000. */
export type OrderItem = { readonly product: string; readonly quantity: number; readonly priceUnits: number };

/**
 * A valid order. `placedAt` is UTC, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`, or null if the producer gave none. It has
 * 1 to 1000 items.
 */
export type Order = {
  readonly orderId: number;
  readonly customerId: number;
  readonly placedAt: string | null;
  readonly items: readonly OrderItem[];
};

/** One thing that is wrong: where, as a JSON Pointer (RFC 6901) in the sender's own words, and what is expected there. */
export type Fault = { readonly pointer: string; readonly detail: string };

/** Why a message or an order was rejected. The texts are stable: they are stored, announced and filtered by. */
export const reasons = ["invalid_json", "invalid_order", "order_conflict", "poison"] as const;
export type Reason = (typeof reasons)[number];

export const INTAKE_QUEUE = "orders.intake";
/** The replaced system's. */
export const PEDIDOS_QUEUE = "pedidos";
/** The queues that orders come in by. */
export const orderQueues = [INTAKE_QUEUE, PEDIDOS_QUEUE] as const;
export type OrderQueue = (typeof orderQueues)[number];

/** Where the API itself publishes an order from: `http` is any route, `replay` a rejection submitted again. */
export const publishedSources = ["http", "replay"] as const;
/** Where an order came in. */
export const sources = [...publishedSources, ...orderQueues] as const;
export type Source = (typeof sources)[number];

/** One order that comes in: its bytes and all that belongs to them, from the edge to the row. */
export type IncomingOrder = {
  /** In UTF-8, without a line end. What came over HTTP has been validated, and is as `writeOrder` makes it. */
  readonly body: Uint8Array;
  readonly source: Source;
  /** Whether somebody waits for what becomes of it: it is then recorded without waiting for others. */
  readonly awaited?: boolean;
  /** The W3C context of its trace, if that is sampled. */
  readonly traceparent?: string | undefined;
};

const id = (description: string) => Type.Integer({ minimum: 1, maximum: limits.id, description });

/**
 * The JSON shape of an order in the English form, as JSON Schema for OpenAPI. It documents what `parseOrder` checks,
 * which is a little more than a schema can say: no -0, at most 4 decimals of a number, no lone surrogates, a real date.
 */
export const OrderInput = Type.Object(
  {
    orderId: id("Chosen by the producer; the idempotency key."),
    customerId: id("The customer who ordered."),
    placedAt: Type.Optional(
      Type.String({
        format: "date-time",
        description: "RFC 3339, in the years 0001 to 9999 (UTC). Not part of the order's identity.",
      }),
    ),
    items: Type.Array(
      Type.Object(
        {
          product: Type.String({
            minLength: 1,
            maxLength: limits.productLength,
            pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$",
            description: "Kept byte for byte; not only white space, no U+0000.",
          }),
          quantity: Type.Integer({ minimum: 1, maximum: limits.quantity }),
          unitPrice: Type.Union([
            Type.Number({ minimum: 0, maximum: 99999999999.9999, description: "At most 4 decimals; not -0." }),
            Type.String({ pattern: "^[0-9]{1,11}(\\.[0-9]{1,4})?$" }),
          ]),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: limits.items },
    ),
  },
  { additionalProperties: false },
);
export type OrderInput = Type.Static<typeof OrderInput>;

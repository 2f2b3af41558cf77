import type { BadEnd } from "../harness/start-app.ts";

/** One item as it was sent or is kept: prices in units of 1/10000. */
export type Item = readonly [product: string, quantity: number, priceUnits: number];

/** An order that a client sent, and the bytes it sent it as. */
export type SentOrder = {
  readonly kind: "order";
  readonly orderId: number;
  readonly customerId: number;
  readonly items: readonly Item[];
  readonly text: string;
};

/** Bytes that can't become an order, all different. */
export type SentBad = {
  readonly kind: "bad";
  readonly reason: "invalid_json" | "invalid_order";
  readonly text: string;
};

export type Sent = SentOrder | SentBad;

/** By HTTP: one order, one with `Prefer: wait`, one in the replaced system's words, many. By AMQP: one, many. */
export type Road = "single" | "wait" | "pedido" | "batch" | "message" | "lines";

/** What a client learnt. */
export type Outcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly type: string;
      readonly retryAfter: boolean;
      readonly body: string;
    }
  /** The connection was refused, closed or reset before the answer was complete. */
  | { readonly kind: "closed"; readonly reason: string }
  /** Neither answered nor closed in a time in which either must have happened. */
  | { readonly kind: "unanswered" }
  /** The client gave up because the run ended. */
  | { readonly kind: "abandoned" }
  | { readonly kind: "confirmed" }
  | { readonly kind: "returned" }
  | { readonly kind: "unconfirmed"; readonly reason: string };

/** One request or message. Times are milliseconds since 1970, of this machine's clock. */
export type Operation = {
  readonly road: Road;
  readonly target: string;
  readonly lines: readonly Sent[];
  readonly sentAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
};

/** An event as it was first seen on the events exchange. */
export type SeenEvent = {
  readonly id: string;
  readonly data: unknown;
  readonly seenAt: number;
  readonly times: number;
};

export type History = {
  readonly operations: readonly Operation[];
  readonly events: ReadonlyMap<string, SeenEvent>;
  readonly badEnds: readonly BadEnd[];
};

export type OrderRow = {
  readonly orderId: number;
  readonly customerId: number;
  readonly itemCount: number;
  readonly totalUnits: bigint;
  readonly recordedAt: string;
  /** When its transaction committed, milliseconds since 1970. */
  readonly committedAt: number;
  readonly items: readonly Item[];
};

export type CustomerRow = { readonly customerId: number; readonly orderCount: number; readonly totalUnits: bigint };

export type RejectionRow = {
  readonly rejectionId: number;
  readonly orderId: number | null;
  readonly reason: string;
  readonly source: string;
  readonly times: number;
  readonly body: string;
  /** Of the last change to the row. */
  readonly committedAt: number;
};

/** What the database and the broker hold when the run is over. */
export type Tables = {
  readonly orders: readonly OrderRow[];
  readonly customers: readonly CustomerRow[];
  readonly rejections: readonly RejectionRow[];
  /** What is still pending, by place: queues, spool, outbox. All are 0 when the system is idle. */
  readonly left: Readonly<Record<string, number>>;
};

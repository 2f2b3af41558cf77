import { INTAKE_QUEUE, PEDIDOS_QUEUE } from "@pedidos/domain";
import * as Type from "typebox";
import { DEAD_LETTER_QUEUE } from "./dead-letter.ts";
import { count, depth, nullable, oneOf, RECORDED_AT, type Static, time } from "./fields.ts";
import { Readiness } from "./readiness.ts";

const measure = Type.Number({ minimum: 0 });
const rate = (description: string) => Type.Number({ minimum: 0, description });

const backlog = Type.Object({
  queues: nullable(Type.Object({ [INTAKE_QUEUE]: depth, [PEDIDOS_QUEUE]: depth, [DEAD_LETTER_QUEUE]: depth }), {
    description: "Messages, of one or many orders, that nobody has taken; null if the broker does not say.",
  }),
  spool: nullable(Type.Object({ orders: count, oldestSeconds: measure })),
  outbox: nullable(Type.Object({ commits: count, oldestSeconds: measure })),
});

/** How long orders took from their acceptance to their record. */
export const Delays = Type.Object(
  {
    orders: Type.Integer({ minimum: 0, description: "How many recorded orders the delays are of." }),
    p50Ms: nullable(measure),
    p99Ms: nullable(measure),
    waiting: Type.Integer({ minimum: 0, description: "How many more were not recorded after 2 seconds." }),
    oldestWaitingSeconds: measure,
  },
  {
    description:
      "From acceptance to record: a sample, at most ten orders a second, of what this instance accepted in the last 5 minutes.",
  },
);
export type Delays = Static<typeof Delays>;

const openRejections = Type.Object({
  open: Type.Integer({ minimum: 0, description: "All that are open." }),
  fresh: Type.Integer({ minimum: 0, description: "Of them, first seen within the last 24 hours." }),
  conflicts: Type.Integer({ minimum: 0, description: "Of the fresh ones, those that are conflicts." }),
});

/** Why an order is refused where it comes in. It becomes no rejection: only its sender is answered. */
export const refusalReasons = ["invalid_json", "invalid_order", "too_large", "unsupported_media_type"] as const;
export type RefusalReason = (typeof refusalReasons)[number];

const refused = Type.Object(
  {
    orders: count,
    by: Type.Array(
      Type.Object({
        key: Type.String({ description: "The name of the sender's key; `anonymous` without one." }),
        reason: oneOf(refusalReasons),
        orders: count,
      }),
      { maxItems: 20, description: "Most first." },
    ),
  },
  {
    description:
      "Orders that this instance refused within the last 15 minutes, by their content or form. Only their senders know; a body of many that was refused as a whole is one.",
  },
);

export const RateSample = Type.Object({
  at: time("The end of the range, by this instance's clock."),
  accepted: rate("Orders a second that this instance accepted."),
  recorded: nullable(rate("Orders a second that were recorded, by all consumers.")),
  rejected: nullable(rate("New rejections a second.")),
});
export type RateSample = Static<typeof RateSample>;

export const Overview = Type.Object(
  {
    readiness: Readiness,
    backlog,
    consumers: nullable(count, {
      description:
        "How many consumers the intake queue has, by the broker; a process that records by itself is one. Null if the broker does not say.",
    }),
    stalledSince: nullable(time("By this instance's clock."), {
      description: "Since when nothing was recorded or rejected though orders waited; null while recording goes on.",
    }),
    rejections: nullable(openRejections, {
      description: "Each counted up to 10000; null if the database does not say.",
    }),
    refused,
    delays: Delays,
    sampleSeconds: Type.Number({ description: "How far apart the samples of the history are." }),
    history: Type.Array(RateSample, {
      description: "The last 15 minutes, since this instance started; null if the database did not say.",
    }),
  },
  {
    $id: "Overview",
    examples: [
      {
        readiness: { status: "ready", dependencies: { broker: "up", database: "up" } },
        backlog: {
          queues: { [INTAKE_QUEUE]: 12, [PEDIDOS_QUEUE]: 0, [DEAD_LETTER_QUEUE]: 0 },
          spool: { orders: 0, oldestSeconds: 0 },
          outbox: { commits: 1, oldestSeconds: 0.1 },
        },
        consumers: 2,
        stalledSince: null,
        rejections: { open: 14, fresh: 3, conflicts: 1 },
        refused: { orders: 2, by: [{ key: "shop", reason: "invalid_order", orders: 2 }] },
        delays: { orders: 3000, p50Ms: 6.2, p99Ms: 31.5, waiting: 0, oldestWaitingSeconds: 0 },
        sampleSeconds: 5,
        history: [{ at: RECORDED_AT, accepted: 840.4, recorded: 839.8, rejected: 0.2 }],
      },
    ],
  },
);
export type Overview = Static<typeof Overview>;

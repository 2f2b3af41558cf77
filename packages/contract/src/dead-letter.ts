import { INTAKE_QUEUE, orderQueues } from "@pedidos/domain";
import * as Type from "typebox";
import { nullable, oneOf, type Static, time } from "./fields.ts";

export const DEAD_LETTER_QUEUE = "orders.dead-letter";

/**
 * Why a message is among the dead letters: `too_large`, the consumer put it there; `unknown`, somebody else did; else what
 * the broker says.
 */
export const deathReasons = [
  "too_large",
  "delivery_limit",
  "rejected",
  "expired",
  "maxlen",
  "maxlen_bytes",
  "unknown",
] as const;
export type DeathReason = (typeof deathReasons)[number];

export const DeadLetter = Type.Object({
  deadLetterId: Type.String({
    pattern: "^[0-9a-f]{32}$",
    description: "A digest of the message: the same at each inspection.",
  }),
  queue: nullable(oneOf(orderQueues, { description: "The one it came from; null if it was in neither." })),
  reason: oneOf(deathReasons, {
    description: "`too_large`: over 1 MiB; `unknown`: not put here by us; the others are RabbitMQ's words.",
  }),
  size: Type.Integer({ minimum: 0, description: "Bytes of the body." }),
  body: Type.String({ description: "The first 64 KiB of its bytes, by bodyEncoding." }),
  bodyEncoding: oneOf(["utf8", "base64"]),
  truncated: Type.Boolean({ description: "The body is longer than what is shown." }),
  diedAt: nullable(time("When it came here, to the second or better.")),
});
export type DeadLetter = Static<typeof DeadLetter>;

export const DeadLetters = Type.Object(
  {
    deadLetters: Type.Array(DeadLetter),
    depth: Type.Integer({ minimum: 0, description: "How many there are, shown or not." }),
  },
  {
    $id: "DeadLetters",
    examples: [
      {
        deadLetters: [
          {
            deadLetterId: "5f0c9a1e3b7d42608e1a9c4d7f20b356",
            queue: INTAKE_QUEUE,
            reason: "delivery_limit",
            size: 8,
            body: "not json",
            bodyEncoding: "utf8",
            truncated: false,
            diedAt: "2026-11-24T12:00:01.000Z",
          },
        ],
        depth: 1,
      },
    ],
  },
);
export type DeadLetters = Static<typeof DeadLetters>;

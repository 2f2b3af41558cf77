import * as Type from "typebox";
import { Sums } from "./customer.ts";
import { id, nextCursor, nullable, oneOf, RECORDED_AT, rejectionId, type Static, time } from "./fields.ts";

/** Something that was done by hand. */
export const AuditEntry = Type.Object({
  auditId: Type.Integer({ minimum: 1 }),
  doneAt: time("The database's clock."),
  actor: nullable(Type.String({ description: "The name of the key; null if no key was needed." })),
  action: oneOf([
    "rejection.replayed",
    "rejection.discarded",
    "dead_letter.requeued",
    "consuming.paused",
    "consuming.resumed",
    "customer.repaired",
  ]),
  rejectionId: nullable(rejectionId),
  requestId: nullable(Type.String({ description: "The request that did it, by its `x-request-id`, as in the log." })),
  address: nullable(Type.String({ description: "The address that it came from." })),
  detail: Type.Object({
    corrected: Type.Optional(Type.Boolean({ description: "What was replayed is not what was rejected." })),
    deadLetterId: Type.Optional(Type.String()),
    queue: Type.Optional(Type.String({ description: "Where the dead letter was put back." })),
    customerId: Type.Optional(id("The customer whose sums were repaired.")),
    before: Type.Optional(nullable(Sums)),
    after: Type.Optional(Sums),
  }),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditPage = Type.Object(
  { entries: Type.Array(AuditEntry), nextCursor },
  {
    $id: "AuditPage",
    examples: [
      {
        entries: [
          {
            auditId: 3,
            doneAt: RECORDED_AT,
            actor: "ana",
            action: "rejection.replayed",
            rejectionId: 7,
            requestId: "Q2xpZW50-1a",
            address: "10.0.0.7",
            detail: { corrected: true },
          },
        ],
        nextCursor: null,
      },
    ],
  },
);
export type AuditPage = Static<typeof AuditPage>;

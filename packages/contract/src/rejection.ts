import { INTAKE_QUEUE, reasons, sources } from "@pedidos/domain";
import * as Type from "typebox";
import { count, id, nextCursor, nullable, oneOf, RECORDED_AT, rejectionId, type Static, time } from "./fields.ts";
import { Fault } from "./problem.ts";

export const rejectionStatuses = ["open", "replayed", "discarded"] as const;
export type RejectionStatus = (typeof rejectionStatuses)[number];

/** A rejection without what was rejected. */
export const TracedRejection = Type.Object({
  rejectionId,
  reason: oneOf(reasons),
  source: oneOf(sources),
  times: Type.Integer({ minimum: 1, description: "How often it was seen." }),
  firstSeenAt: time("When it was first seen."),
  lastSeenAt: time("When it was last seen."),
  status: oneOf(rejectionStatuses),
});
export type TracedRejection = Static<typeof TracedRejection>;

const EXAMPLE = {
  rejectionId: 7,
  reason: "invalid_json",
  errors: [{ pointer: "", detail: "is not JSON" }],
  orderId: null,
  source: INTAKE_QUEUE,
  body: "not json",
  bodyEncoding: "utf8",
  times: 1,
  firstSeenAt: RECORDED_AT,
  lastSeenAt: RECORDED_AT,
  status: "open",
};

export const Rejection = Type.Object(
  {
    ...TracedRejection.properties,
    errors: Type.Array(Fault, { maxItems: 100 }),
    orderId: nullable(id("Where it could be read.")),
    body: Type.String({ description: "The original bytes, by bodyEncoding." }),
    bodyEncoding: oneOf(["utf8", "base64"]),
  },
  { $id: "Rejection", examples: [EXAMPLE] },
);
export type Rejection = Static<typeof Rejection>;

export const RejectionPage = Type.Object(
  { rejections: Type.Array(Rejection), nextCursor },
  { $id: "RejectionPage", examples: [{ rejections: [EXAMPLE], nextCursor: null }] },
);
export type RejectionPage = Static<typeof RejectionPage>;

/** How many rejections a filter finds, counted up to {@link MOST_COUNTED}. */
export const MOST_COUNTED = 10_000;
export const RejectionCounts = Type.Object(
  {
    rejections: count,
    isCapped: Type.Boolean({
      description: `Whether there are more than the newest ${MOST_COUNTED}, which are counted.`,
    }),
    newestId: nullable(rejectionId, { description: "The highest rejectionId among them; null if there are none." }),
    byReason: Type.Array(Type.Object({ reason: oneOf(reasons), rejections: count }), { description: "Most first." }),
    bySource: Type.Array(Type.Object({ source: oneOf(sources), rejections: count }), { description: "Most first." }),
    byDay: Type.Array(Type.Object({ day: Type.String({ format: "date" }), rejections: count }), {
      description: "By when they were first seen; newest first.",
    }),
  },
  {
    $id: "RejectionCounts",
    examples: [
      {
        rejections: 14,
        isCapped: false,
        newestId: 7,
        byReason: [{ reason: "invalid_json", rejections: 14 }],
        bySource: [{ source: INTAKE_QUEUE, rejections: 14 }],
        byDay: [{ day: RECORDED_AT.slice(0, 10), rejections: 14 }],
      },
    ],
  },
);
export type RejectionCounts = Static<typeof RejectionCounts>;

export const DiscardedRejections = Type.Object(
  { discarded: count, hasMore: Type.Boolean({ description: "Whether the same request would discard more." }) },
  { $id: "DiscardedRejections", examples: [{ discarded: 200, hasMore: true }] },
);
export type DiscardedRejections = Static<typeof DiscardedRejections>;

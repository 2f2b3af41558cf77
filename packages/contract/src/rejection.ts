import { INTAKE_QUEUE, reasons, sources } from "@pedidos/domain";
import * as Type from "typebox";
import { id, nextCursor, nullable, oneOf, RECORDED_AT, rejectionId, type Static, time } from "./fields.ts";
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

import type { Fault, OrderRejected, Reason, Source } from "@pedidos/domain";

export type RejectionStatus = "open" | "replayed" | "discarded";

export type TracedRejection = {
  readonly rejectionId: number;
  readonly reason: Reason;
  readonly source: Source;
  readonly times: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly status: RejectionStatus;
};

export type StoredRejection = TracedRejection & {
  readonly errors: readonly Fault[];
  readonly orderId: number | null;
  /** The original bytes. */
  readonly body: Buffer;
};

/** The columns of an {@link OrderRejected}. */
export const rejectedColumns = [
  "rejection_id as rejectionId",
  "order_id as orderId",
  "reason",
  "source",
  "first_seen_at as firstSeenAt",
] as const;

/** The columns of a {@link TracedRejection}. */
export const tracedColumns = [
  "rejection_id as rejectionId",
  "reason",
  "source",
  "times",
  "first_seen_at as firstSeenAt",
  "last_seen_at as lastSeenAt",
  "status",
] as const;

/** The columns of a {@link StoredRejection}. */
export const storedColumns = [...tracedColumns, "errors", "order_id as orderId", "body"] as const;

/** → a row's event, without what else was read. */
export function toRejected({ rejectionId, orderId, reason, source, firstSeenAt }: OrderRejected): OrderRejected {
  return { rejectionId, orderId, reason, source, firstSeenAt };
}

import type { OrderRejected, Rejection } from "@pedidos/contract";

/** `body`: the original bytes. */
export type StoredRejection = Omit<Rejection, "body" | "bodyEncoding"> & { readonly body: Buffer };

/** What is announced of a rejection. */
export type RejectedRow = OrderRejected & { readonly firstSeenAt: string };

/** The columns of a {@link RejectedRow}. */
export const rejectedColumns = [
  "rejection_id as rejectionId",
  "order_id as orderId",
  "reason",
  "source",
  "first_seen_at as firstSeenAt",
] as const;

/** The columns of a rejection without what was rejected. */
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

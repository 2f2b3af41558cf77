/** What somebody does by hand. */
export type AuditAction =
  | "rejection.replayed"
  | "rejection.discarded"
  | "dead_letter.requeued"
  | "consuming.paused"
  | "consuming.resumed"
  | "customer.repaired";

/** A customer's sums, the total as a decimal string. */
export type Sums = { readonly orderCount: number; readonly totalValue: string };

export type AuditDetail = {
  /** What was replayed is not what was rejected. */
  readonly corrected?: boolean;
  readonly deadLetterId?: string;
  /** The queue that a dead letter was put back to. */
  readonly queue?: string;
  readonly customerId?: number;
  /** A customer's sums before they were repaired, null where there were none, and after. */
  readonly before?: Sums | null;
  readonly after?: Sums;
};

export type AuditEntry = {
  /** The name of the key; null where no key was needed. */
  readonly actor: string | null;
  readonly action: AuditAction;
  readonly rejectionId?: number;
  readonly detail: AuditDetail;
};

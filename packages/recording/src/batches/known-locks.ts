import type { Submission } from "@pedidos/persistence";

/** Longer than what is deferred waits for its next try, which says whether the lock is still there. */
const REMEMBERED_MS = 20_000;

/** Customers whose row somebody was found to hold a lock on. */
export type KnownLocks = {
  readonly note: (submission: Submission) => void;
  /** Something of this customer was recorded. */
  readonly forget: (submission: Submission) => void;
  readonly has: (submission: Submission) => boolean;
};

/** Without it each batch with an order of such a customer would wait for the lock again, and all others in it too. */
export function openKnownLocks(): KnownLocks {
  const until = new Map<number, number>();
  const customerOf = (submission: Submission) =>
    submission.kind === "order" ? submission.order.customerId : undefined;
  return {
    note(submission) {
      const customer = customerOf(submission);
      if (customer !== undefined) until.set(customer, performance.now() + REMEMBERED_MS);
    },
    forget(submission) {
      const customer = customerOf(submission);
      if (customer !== undefined) until.delete(customer);
    },
    has(submission) {
      const customer = until.size === 0 ? undefined : customerOf(submission);
      if (customer === undefined) return false;
      const end = until.get(customer);
      if (end === undefined || end > performance.now()) return end !== undefined;
      until.delete(customer);
      return false;
    },
  };
}

import type { CustomerDifference, RecountCounts, RecountProgress } from "@pedidos/contract";
import type { CountedOrders, CountedUpTo, RepairedCustomer } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";

export type Recounting = {
  /** → a time before which everything that is recorded can be seen. */
  readonly horizon: () => Promise<string>;
  readonly count: Store["countOrders"];
  readonly compare: Store["compareCustomers"];
  /** Left out where differences are only reported. */
  readonly repair?: (customer: RepairedCustomer) => ReturnType<Store["repairCustomer"]>;
};

/** Orders that one statement counts; of 1000 items each it takes about a second. */
const ORDERS_A_SLICE = 1_000;
const PROGRESS_EVERY_MS = 5_000;
const LAST_ID = Number.MAX_SAFE_INTEGER;

/**
 * Counts the orders of every customer, some at a time, and reports whose row is another. What was recorded before the
 * horizon of a slice does not change any more, so it can be counted in any number of statements; what came later is
 * counted in the snapshot in which the row is read.
 *
 * @returns the counts, or that it was stopped before the end
 */
export async function* recountSlices(
  { horizon, count, compare, repair }: Recounting,
  stopping: AbortSignal,
): AsyncGenerator<CustomerDifference | RecountProgress, RecountCounts | "stopped"> {
  const counts = { customers: 0, orders: 0, different: 0, repaired: 0 };
  let place: CountedUpTo | null = null;
  let open: CountedOrders | undefined;
  let comparedUpTo = 0;
  let reportedAt = performance.now();
  do {
    if (stopping.aborted) return "stopped";
    const before = await horizon();
    const slice = await count({ after: place, before, limit: ORDERS_A_SLICE });
    const counted = joined(open, slice.customers);
    place = slice.next;
    // The last customer of a slice may have more orders.
    open = place === null ? undefined : counted.pop();
    const upTo = place === null ? LAST_ID : (counted.at(-1)?.customerId ?? comparedUpTo);
    const compared = await compare({ counted, after: comparedUpTo, upTo, before });
    counts.customers += compared.customers;
    counts.orders += compared.orders;
    counts.different += compared.differing.length;
    comparedUpTo = upTo;
    for (const found of compared.differing) {
      const own = counted.find(({ customerId }) => customerId === found.customerId);
      const repaired = await repair?.({ customerId: found.customerId, counted: own, before });
      if (repaired) counts.repaired++;
      yield { ...found, ...repaired, repaired: Boolean(repaired) };
    }
    if (performance.now() - reportedAt > PROGRESS_EVERY_MS) {
      reportedAt = performance.now();
      yield { progress: { customers: counts.customers, orders: counts.orders } };
    }
  } while (place !== null);
  return counts;
}

/** A slice goes on with the customer that the one before ended with, or begins with another. */
function joined(open: CountedOrders | undefined, customers: readonly CountedOrders[]): CountedOrders[] {
  if (open === undefined) return [...customers];
  const [first, ...rest] = customers;
  if (first?.customerId !== open.customerId) return [open, ...customers];
  const sum = {
    ...first,
    orderCount: open.orderCount + first.orderCount,
    totalUnits: open.totalUnits + first.totalUnits,
    firstOrderAt: open.firstOrderAt,
  };
  return [sum, ...rest];
}

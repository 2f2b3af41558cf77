import type { Order } from "./order.ts";

/** The exact total of an order, the sum of quantity × price, in units of 1/10000. At most 26 digits. */
export function totalUnits(order: Order): bigint {
  // Nearly every order stays within what a double holds exactly, where adding is many times faster than in BigInt.
  let small = 0;
  let large = 0n;
  for (const item of order.items) {
    const sum = small + item.quantity * item.priceUnits;
    // A product or sum that is inexact is at least 2^53, so it is never taken here.
    if (sum <= Number.MAX_SAFE_INTEGER) small = sum;
    else large += BigInt(item.quantity) * BigInt(item.priceUnits);
  }
  return large + BigInt(small);
}

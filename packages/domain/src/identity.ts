import type { Order } from "./order.ts";

/**
 * The canonical text of what makes two submissions of one `orderId` the same order: the customer and the items, in
 * their order. `placedAt` is no part of it.
 *
 * It is the JSON text, without white space, of `[customerId,[product,quantity,priceUnits],…]`, prices in units of
 * 1/10000, strings as `JSON.stringify` writes them and never normalised: `[1,["lápis",100,11000]]`. Two orders have the
 * same text only if they are the same. Hashes of it are stored, so it must never change; a caller that stores one keeps
 * a version beside it.
 */
export function orderContent(order: Order): string {
  let text = `[${order.customerId}`;
  for (const item of order.items) text += `,[${JSON.stringify(item.product)},${item.quantity},${item.priceUnits}]`;
  return `${text}]`;
}

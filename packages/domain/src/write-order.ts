import { formatUnits } from "./money.ts";
import type { Order } from "./order.ts";

/**
 * The canonical JSON of an order, in the English form: what travels on every road behind the edge. Equal orders are
 * equal texts, and `parseOrder(JSON.parse(writeOrder(order)))` gives the order again. Prices are decimal strings;
 * `placedAt` is left out if there is none.
 */
export function writeOrder(order: Order): string {
  let text = `{"orderId":${order.orderId},"customerId":${order.customerId}`;
  if (order.placedAt !== null) text += `,"placedAt":"${order.placedAt}"`;
  text += ',"items":[';
  let separator = "";
  for (const { product, quantity, priceUnits } of order.items) {
    text += `${separator}{"product":${JSON.stringify(product)},"quantity":${quantity},"unitPrice":"${formatUnits(priceUnits)}"}`;
    separator = ",";
  }
  return `${text}]}`;
}

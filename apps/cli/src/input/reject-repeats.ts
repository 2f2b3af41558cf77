import type { FoundOrder, Rejected } from "./check-order.ts";
import { rememberIds } from "./remember-ids.ts";

/**
 * Rejects an order that stands in the file before, with other content: only one of them can be recorded. The same order again
 * is no fault.
 *
 * @param of what the file consists of. Of rows, an order that was rejected counts too: the rows may be those of one order
 */
export async function* rejectRepeats(
  orders: AsyncIterable<FoundOrder>,
  of: "orders" | "rows",
): AsyncGenerator<FoundOrder> {
  const ids = rememberIds();
  for await (const found of orders) {
    if (found.kind === "order") {
      const { orderId } = found.order;
      if (ids.add(orderId, found.order) !== "other") yield found;
      else yield { line: found.line, original: found.original, ...repeated(orderId, of) };
      continue;
    }
    if (of === "rows" && found.orderId !== null) ids.add(found.orderId, null);
    yield found;
  }
}

function repeated(orderId: number, of: "orders" | "rows"): Rejected {
  const detail =
    of === "rows"
      ? `order ${orderId} has other rows further up; put the rows of an order together`
      : `order ${orderId} is further up with other content; an id belongs to one order`;
  return { kind: "rejected", orderId, faults: [{ pointer: "", detail }] };
}

import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Dialect, english, type Order, readOrder, writeOrder } from "@pedidos/domain";
import pLimit from "p-limit";
import { collectJson, ORDER_LIMITS } from "../server/collect-body.ts";
import { type Refusal, refusal } from "../server/problem.ts";

/** `body` is the order as it travels on: canonical, in the English form. */
export type ReceivedOrder =
  | { readonly kind: "order"; readonly order: Order; readonly body: Uint8Array }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Reads one order from the body of a request. */
export async function receiveOrder(request: IncomingMessage, dialect: Dialect): Promise<ReceivedOrder> {
  const collected = await collectJson(request, ORDER_LIMITS);
  if (collected.kind === "refused") return collected;
  return collected.bytes.length > LIGHT_BYTES
    ? await heavy(collected.bytes, dialect)
    : orderFrom(collected.bytes, dialect);
}

/** What is larger than this may take many milliseconds to read: 1 MiB made of nothing but keys takes 50. */
const LIGHT_BYTES = 64 * 1024;
const oneAtATime = pLimit(1);

/** Reads large bodies one a turn of the event loop, so that however many come at once, others are answered in between. */
function heavy(bytes: Buffer, dialect: Dialect): Promise<ReceivedOrder> {
  return oneAtATime(async () => {
    await nextTurn();
    return orderFrom(bytes, dialect);
  });
}

export function orderFrom(bytes: Buffer, dialect: Dialect): ReceivedOrder {
  const read = readOrder(bytes, dialect);
  if (read.kind === "rejected") return refuse(faultsRefusal(read.reason, read.faults));
  const body = travellingForm(read.order, dialect === english ? bytes : null);
  return body === null ? refuse(TOO_LARGE_WRITTEN) : { kind: "order", order: read.order, body };
}

/**
 * → the order as it travels: its canonical form. Nothing behind the edge takes more than 1 MiB, and that form is up to
 * 20 bytes an item longer than the shortest one; where it is too long, the sender's own bytes travel.
 *
 * @param original what the order was read from, if that is the English form.
 * @returns null where neither fits
 */
export function travellingForm(order: Order, original: Buffer | null): Uint8Array | null {
  const body = Buffer.from(writeOrder(order));
  if (body.length <= ORDER_LIMITS.maxBytes) return body;
  return original !== null && original.length <= ORDER_LIMITS.maxBytes ? Buffer.from(original) : null;
}

export const TOO_LARGE_WRITTEN = refusal("too_large", "The order, written out in full, is larger than 1 MiB.");

export function faultsRefusal(
  reason: "invalid_json" | "invalid_order",
  faults: readonly { readonly pointer: string; readonly detail: string }[],
): Refusal {
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  const detail = reason === "invalid_json" ? "The body cannot be read as JSON." : `The order has ${count}.`;
  return refusal(reason, detail, { errors: faults });
}

function refuse(refused: Refusal): ReceivedOrder {
  return { kind: "refused", refusal: refused };
}

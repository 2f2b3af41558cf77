import type { IncomingMessage } from "node:http";
import { setImmediate as nextIteration } from "node:timers/promises";
import { type Dialect, english, type Fault, type Order, readOrder, writeOrder } from "@pedidos/domain";
import pLimit from "p-limit";
import { isRefusal, type Refusal, refusal } from "../server/answer.ts";
import { collectJson, ORDER_LIMITS } from "../server/collect-body.ts";

/** `body` is the order as it is published: canonical, in the English form. */
export type ReceivedOrder = { readonly order: Order; readonly body: Uint8Array };

/** Reads one order from the body of a request. */
export async function receiveOrder(request: IncomingMessage, dialect: Dialect): Promise<ReceivedOrder | Refusal> {
  const bytes = await collectJson(request, ORDER_LIMITS);
  if (isRefusal(bytes)) return bytes;
  return bytes.length > LIGHT_BYTES ? await oneAtATime(orderFromHeavy, bytes, dialect) : orderFrom(bytes, dialect);
}

/** A larger body may take many milliseconds to read: 1 MiB of only keys takes 50. */
const LIGHT_BYTES = 64 * 1024;
const oneAtATime = pLimit(1);

/** Reads large bodies one per iteration of the event loop, so that however many come at once, others are answered in between. */
async function orderFromHeavy(bytes: Buffer, dialect: Dialect): Promise<ReceivedOrder | Refusal> {
  await nextIteration();
  return orderFrom(bytes, dialect);
}

export function orderFrom(bytes: Buffer, dialect: Dialect): ReceivedOrder | Refusal {
  const read = readOrder(bytes, dialect);
  if (read.kind === "rejected") return faultsRefusal(read.reason, read.faults);
  const body = publishedForm(read.order, dialect === english ? bytes : null);
  return body === null ? TOO_LARGE_WRITTEN : { order: read.order, body };
}

/**
 * → the order as it is published: its canonical form. Nothing behind the edge takes more than 1 MiB, and that form is up to
 * 20 bytes an item longer than the shortest one; if it is too long, the sender's own bytes are published.
 *
 * @param original what the order was read from, if that is the English form.
 * @returns null if neither fits
 */
export function publishedForm(order: Order, original: Buffer | null): Uint8Array | null {
  const body = Buffer.from(writeOrder(order));
  if (body.length <= ORDER_LIMITS.maxBytes) return body;
  return original !== null && original.length <= ORDER_LIMITS.maxBytes ? Buffer.from(original) : null;
}

export const TOO_LARGE_WRITTEN = refusal("too_large", "The order, written out in full, is larger than 1 MiB.");

function faultsRefusal(reason: "invalid_json" | "invalid_order", faults: readonly Fault[]): Refusal {
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  const detail = reason === "invalid_json" ? "The body cannot be read as JSON." : `The order has ${count}.`;
  return refusal(reason, detail, { errors: faults });
}

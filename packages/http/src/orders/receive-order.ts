import { type Dialect, english, type Fault, type Order, readOrder, writeOrder } from "@pedidos/domain";
import type { FastifyReply } from "fastify";
import { isRefusal, type Refusal, refusal } from "../server/answer.ts";
import { collectJson, ORDER_LIMITS } from "../server/collect-body.ts";
import { type Client, clientOf } from "../server/identify-caller.ts";
import { LIGHT_BYTES } from "../server/limits.ts";
import { awaitSlice } from "../server/yield-to-others.ts";

/** `body` is the order as it is published: canonical, in the English form. */
export type ReceivedOrder = { readonly order: Order; readonly body: Uint8Array };

/** Reads one order from the body of the request that is replied to. */
export async function receiveOrder(reply: FastifyReply, dialect: Dialect): Promise<ReceivedOrder | Refusal> {
  const bytes = await collectJson(reply, ORDER_LIMITS);
  return isRefusal(bytes) ? bytes : orderFrom(reply, bytes, dialect);
}

/** Reads an order at once, or if it is large when its caller's turn has come: 1 MiB of only keys takes 50 ms. */
export function orderFrom(
  reply: FastifyReply,
  bytes: Buffer,
  dialect: Dialect,
): ReceivedOrder | Refusal | Promise<ReceivedOrder | Refusal> {
  return bytes.length > LIGHT_BYTES ? largeOrderFrom(clientOf(reply), bytes, dialect) : parse(bytes, dialect);
}

async function largeOrderFrom(client: Client, bytes: Buffer, dialect: Dialect): Promise<ReceivedOrder | Refusal> {
  await awaitSlice(client);
  return client.isGone() ? CLIENT_GONE : parse(bytes, dialect);
}

/** Nobody reads it. */
const CLIENT_GONE = refusal("invalid_request", "The client has gone.");

function parse(bytes: Buffer, dialect: Dialect): ReceivedOrder | Refusal {
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

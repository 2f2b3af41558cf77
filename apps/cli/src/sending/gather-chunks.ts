import { limits, writeOrder } from "@pedidos/domain";
import { type FoundOrder, type Rejected, tooLarge } from "../input/check-order.ts";

type Found = Pick<FoundOrder, "line" | "original">;
/** A valid order of a file, with the body to send. */
export type Sendable = Found & { readonly orderId: number; readonly body: string };
export type Unsendable = Found & Rejected;

/** The orders of one request. The next chunk begins after `lastLine`. */
export type Chunk = {
  readonly orders: readonly Sendable[];
  readonly rejected: readonly Unsendable[];
  readonly lastLine: number;
};

/** Makes the orders of a chunk durable. It retries during an outage. @throws {Failure} if that does not help */
export type Deliver = (orders: readonly Sendable[]) => Promise<Delivered>;

/** The result of a chunk: the server may reject orders that passed the check here. */
export type Delivered = { readonly accepted: number; readonly rejected: readonly Unsendable[] };

const MAX_ORDERS = 1_000;
/** Of what is sent, and of what is kept for the report. */
const MAX_BYTES = 1024 * 1024;

/** Gathers the orders of a file into chunks, after a line. */
export async function* gatherChunks(found: AsyncIterable<FoundOrder>, afterLine = 0): AsyncGenerator<Chunk> {
  let [orders, rejected, bytes, lastLine]: [Sendable[], Unsendable[], number, number] = [[], [], 0, afterLine];
  for await (const one of found) {
    if (one.line <= afterLine) continue;
    lastLine = one.line;
    const next = toSend(one);
    bytes += one.original?.length ?? 0;
    if ("body" in next) {
      bytes += next.body.length;
      orders.push(next);
    } else rejected.push(next);
    if (orders.length + rejected.length < MAX_ORDERS && bytes < MAX_BYTES) continue;
    yield { orders, rejected, lastLine };
    [orders, rejected, bytes] = [[], [], 0];
  }
  if (orders.length + rejected.length > 0) yield { orders, rejected, lastLine };
}

function toSend(found: FoundOrder): Sendable | Unsendable {
  if (found.kind === "rejected") return found;
  const { line, original, order } = found;
  const body = writeOrder(order);
  const size = Buffer.byteLength(body);
  if (size <= limits.bytes) return { line, original, orderId: order.orderId, body };
  return { line, original, ...tooLarge("the order, as JSON,", size, original !== null), orderId: order.orderId };
}

/** The orders of a chunk as one NDJSON body. */
export const ndjsonOf = (orders: readonly Sendable[]): string => orders.map(({ body }) => `${body}\n`).join("");

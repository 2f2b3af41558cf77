import { writeOrder } from "@pedidos/domain";
import type { FoundOrder } from "../input/check-order.ts";

/** A valid order of a file, with the body to send. */
export type Sendable = Extract<FoundOrder, { kind: "order" }> & { readonly body: string };
export type Unsendable = Extract<FoundOrder, { kind: "rejected" }>;

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
const MAX_BYTES = 4 * 1024 * 1024;

/** Gathers the orders of a file into chunks, after a line. */
export async function* gatherChunks(found: AsyncIterable<FoundOrder>, afterLine = 0): AsyncGenerator<Chunk> {
  let [orders, rejected, bytes, lastLine]: [Sendable[], Unsendable[], number, number] = [[], [], 0, afterLine];
  for await (const one of found) {
    if (one.line <= afterLine) continue;
    lastLine = one.line;
    if (one.kind === "rejected") rejected.push(one);
    else {
      const body = writeOrder(one.order);
      bytes += Buffer.byteLength(body) + 1;
      orders.push({ ...one, body });
    }
    if (orders.length + rejected.length < MAX_ORDERS && bytes < MAX_BYTES) continue;
    yield { orders, rejected, lastLine };
    [orders, rejected, bytes] = [[], [], 0];
  }
  if (orders.length + rejected.length > 0) yield { orders, rejected, lastLine };
}

/** The orders of a chunk as one NDJSON body. */
export const ndjsonOf = (orders: readonly Sendable[]): string => orders.map(({ body }) => `${body}\n`).join("");

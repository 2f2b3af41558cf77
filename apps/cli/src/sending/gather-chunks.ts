import { writeOrder } from "@pedidos/domain";
import type { FoundOrder } from "../input/check-order.ts";

/** An order that may be sent: where it stands in its file, and how it travels. */
export type Sendable = Extract<FoundOrder, { kind: "order" }> & { readonly body: string };
export type Unsendable = Extract<FoundOrder, { kind: "rejected" }>;

/** So many orders that one request is worth it. `lastLine` is where the next chunk goes on. */
export type Chunk = {
  readonly orders: readonly Sendable[];
  readonly rejected: readonly Unsendable[];
  readonly lastLine: number;
};

const MAX_ORDERS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Gathers the orders of a file into chunks, from a line on. */
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
export const ndjsonOf = ({ orders }: Pick<Chunk, "orders">): string => orders.map(({ body }) => `${body}\n`).join("");

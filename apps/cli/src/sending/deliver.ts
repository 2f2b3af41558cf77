import type { Chunk, Unsendable } from "./gather-chunks.ts";

/** The result of a chunk: the server may reject orders that passed the check here. */
export type Delivered = { readonly accepted: number; readonly rejected: readonly Unsendable[] };

/** Makes the orders of a chunk durable. It retries during an outage. @throws {Failure} where that does not help */
export type Deliver = (chunk: Pick<Chunk, "orders">) => Promise<Delivered>;

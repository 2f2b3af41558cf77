import type { Chunk, Unsendable } from "./gather-chunks.ts";

/** What came of a chunk: the server may turn down what looked well here. */
export type Delivered = { readonly accepted: number; readonly rejected: readonly Unsendable[] };

/** Brings the orders of a chunk to where they are durable. Patient with outages. @throws {Failure} in the end. */
export type Deliver = (chunk: Pick<Chunk, "orders">) => Promise<Delivered>;

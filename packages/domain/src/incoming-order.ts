import type { Source } from "./order.ts";

/** One order on its way in: its bytes and all that belongs to them, from the edge to the row. */
export type IncomingOrder = {
  /** In UTF-8, without a line end. What came over HTTP has been validated, and is as `writeOrder` makes it. */
  readonly body: Uint8Array;
  readonly source: Source;
  /** Whether somebody waits for what becomes of it: it is then recorded without waiting for others. */
  readonly awaited?: boolean;
  /** The W3C context of its trace, where that is sampled. */
  readonly traceparent?: string | undefined;
};

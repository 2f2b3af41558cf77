import type { Operation, Sent } from "./history.ts";

/** What the answer to an operation promises about one of its lines. */
export type Promised =
  /** It is durable: it will be recorded, or rejected for a reason. */
  | "accepted"
  /** Nothing: it may be recorded or not. */
  | "unknown"
  /** It was turned away and leaves no trace. */
  | "refused";

export function promisedOf({ road, outcome }: Operation, line: Sent): Promised {
  if (outcome.kind === "confirmed") return "accepted";
  if (outcome.kind === "returned") return "refused";
  if (outcome.kind !== "answered") return "unknown";
  // By HTTP what can't become an order is never taken in.
  if (line.kind === "bad") return "refused";
  const { status } = outcome;
  // A conflict is known from the record, so the order had been taken in.
  if (status === 409 && road !== "batch") return "accepted";
  if (status >= 200 && status < 300) return "accepted";
  return status >= 500 ? "unknown" : "refused";
}

/** The reason's source for what came in by a road. */
export function sourceOf({ road }: Operation): "http" | "orders.intake" {
  return road === "message" || road === "lines" ? "orders.intake" : "http";
}

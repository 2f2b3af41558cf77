import type { Traceparents } from "@pedidos/broker";

/** As many as the API puts orders into a message; a longer list is cut off. */
const MOST_LISTED = 64;
const SAMPLED = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f][13579bdf]$/;

/** → the headers that hold them: `traceparent`, as for any message; `traceparents`, a list, if its orders differ. */
export function traceHeaders(traceparents: Traceparents): Record<string, unknown> {
  if (typeof traceparents === "string") return { traceparent: traceparents };
  const [first] = traceparents;
  if (traceparents.every((one) => one === first)) return first === undefined ? {} : { traceparent: first };
  return { traceparents: traceparents.slice(0, MOST_LISTED).map((one) => one ?? "") };
}

/** → the sampled contexts in the headers of a message, of any sender; undefined if there are none. */
export function readTraceparents(headers: Readonly<Record<string, unknown>> | undefined): Traceparents | undefined {
  if (headers === undefined) return undefined;
  const { traceparent, traceparents } = headers;
  if (Array.isArray(traceparents)) {
    const read = traceparents.slice(0, MOST_LISTED).map(sampled);
    return read.some((one) => one !== undefined) ? read : undefined;
  }
  return sampled(traceparent);
}

function sampled(value: unknown): string | undefined {
  return typeof value === "string" && SAMPLED.test(value) ? value : undefined;
}

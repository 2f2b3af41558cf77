import type { IncomingMessage } from "node:http";
import type { Span, Tracing } from "@pedidos/tracing";

/** What a road takes, and with each order the context that travels with it, where its trace is sampled. */
export type TracedRoad<Outcome> = (
  bodies: readonly Uint8Array[],
  traceparents?: readonly (string | undefined)[],
) => Promise<Outcome>;

export type RequestTraces = {
  /** Begins a request's span, in the trace that its `traceparent` names. */
  readonly begin: (request: IncomingMessage, method: string, route: string) => void;
  readonly end: (request: IncomingMessage, status: number) => void;
  /** Undefined for a request that has no span. */
  readonly traceIdOf: (request: IncomingMessage) => string | undefined;
  /** Notes whose orders these are; their trace goes with them, whatever they are gathered with. */
  readonly carry: (request: IncomingMessage, bodies: readonly Uint8Array[]) => void;
  /** → the road, with a span in each trace whose orders take it. */
  readonly traceRoad: <Outcome>(
    name: string,
    road: TracedRoad<Outcome>,
  ) => (bodies: readonly Uint8Array[]) => Promise<Outcome>;
};

export function traceRequests(tracing: Tracing): RequestTraces {
  const spans = new WeakMap<IncomingMessage, Span>();
  /** By the body itself, which nobody copies between its request and the road that it takes. */
  const carried = new WeakMap<Uint8Array, string>();

  /** → by the context of each request that has orders among these: a span on the road. */
  function beginOn(name: string, bodies: readonly Uint8Array[]): Map<string, Span> {
    const begun = new Map<string, Span>();
    for (const body of bodies) {
      const parent = carried.get(body);
      if (parent !== undefined && !begun.has(parent))
        begun.set(parent, tracing.start(name, { kind: "producer", parent }));
    }
    return begun;
  }

  return {
    begin(request, method, route) {
      const { traceparent } = request.headers;
      const attributes = { "http.request.method": method, "http.route": route };
      const parent = typeof traceparent === "string" ? traceparent : undefined;
      spans.set(request, tracing.start(`${method} ${route}`, { kind: "server", parent, attributes }));
    },
    end(request, status) {
      const attributes = { "http.response.status_code": status };
      spans.get(request)?.end({ attributes, ...(status >= 500 && { error: `status ${status}` }) });
    },
    traceIdOf: (request) => spans.get(request)?.traceId,
    carry(request, bodies) {
      const traceparent = spans.get(request)?.traceparent;
      if (traceparent !== undefined) for (const body of bodies) carried.set(body, traceparent);
    },
    traceRoad: (name, road) => async (bodies) => {
      const begun = beginOn(name, bodies);
      if (begun.size === 0) return await road(bodies);
      const end = (outcome: Parameters<Span["end"]>[0]) => {
        for (const span of begun.values()) span.end(outcome);
      };
      try {
        const outcome = await road(
          bodies,
          bodies.map((body) => begun.get(carried.get(body) ?? "")?.traceparent),
        );
        end(outcome === undefined || outcome === "confirmed" ? {} : { error: String(outcome) });
        return outcome;
      } catch (error) {
        end({ error });
        throw error;
      }
    },
  };
}

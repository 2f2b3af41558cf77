import type { Log } from "@pedidos/process";
import type { Span, Tracing } from "@pedidos/tracing";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Histogram, type Registry } from "prom-client";

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined if traces are off, or nothing of this kind of request is traced. */
    span?: Span;
  }
}

/** Begins a request's span, in the trace that its `traceparent` names. */
export function beginSpan(tracing: Tracing, request: FastifyRequest, method: string, route: string): void {
  const { traceparent } = request.headers;
  request.span = tracing.start(`${method} ${route}`, {
    kind: "server",
    parent: typeof traceparent === "string" ? traceparent : undefined,
    attributes: { "http.request.method": method, "http.route": route },
  });
}

export function endSpan({ span }: FastifyRequest, status: number): void {
  const attributes = { "http.response.status_code": status };
  span?.end({ attributes, ...(status >= 500 && { error: `status ${status}` }) });
}

/** Reports an answered request: one line of the log, one observation of the metrics. Bodies are never reported. */
export type Observe = (request: FastifyRequest, reply: FastifyReply) => void;

/** @param route the pattern, not the requested path, so that there are few of them */
export type ObserveRoute = (method: string, route: string) => Observe;

export function observeRequests(log: Pick<Log, "info" | "warn">, registry: Registry): ObserveRoute {
  const measure = measureRequests(registry);
  return (method, route) => {
    const observe = measure(method, route);
    return (request, reply) => {
      const { statusCode: status, elapsedTime } = reply;
      observe(status, elapsedTime);
      const ms = Math.round(elapsedTime * 10) / 10;
      endSpan(request, status);
      const named = { id: request.id, method: request.method, route, status, ms };
      const line = request.span === undefined ? named : { ...named, traceId: request.span.traceId };
      // The client left before its answer was sent.
      if (!reply.raw.writableFinished) log.info({ ...line, aborted: true }, "request");
      else if (status >= 500) log.warn(line, "request");
      else log.info(line, "request");
    };
  };
}

/** Measures how long requests take, in ms, by method, route and status, under OpenTelemetry's names. */
export function measureRequests(registry: Registry) {
  const durations = new Histogram({
    name: "http_server_request_duration_seconds",
    help: "How long requests took until their answer was out.",
    labelNames: ["http_request_method", "http_route", "http_response_status_code"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers: [registry],
  });
  return (method: string, route: string) => (status: number, ms: number) =>
    durations.observe(
      { http_request_method: method, http_route: route, http_response_status_code: status },
      ms / 1_000,
    );
}

import type { Span, Tracing } from "@pedidos/tracing";
import type { FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined where traces are off, or nothing of this kind of request is traced. */
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

import type { Log } from "@pedidos/process";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RequestMetrics } from "./request-metrics.ts";
import { endSpan } from "./trace-requests.ts";

/** Tells of a request that was answered: one line of the log, one count of the metrics. Bodies are never told. */
export type Observe = (request: FastifyRequest, reply: FastifyReply) => void;

/** @param route the pattern, not the path that was asked for, so that there are few of them */
export type ObserveRoute = (method: string, route: string) => Observe;

export function observeRequests(log: Pick<Log, "info" | "warn">, metrics: RequestMetrics): ObserveRoute {
  return (method, route) => {
    const count = metrics.countsOf(method, route);
    return (request, reply) => {
      const { statusCode: status, elapsedTime } = reply;
      count(status, elapsedTime);
      const ms = Math.round(elapsedTime * 10) / 10;
      endSpan(request, status);
      const named = { id: request.id, method: request.method, route, status, ms };
      const line = request.span === undefined ? named : { ...named, traceId: request.span.traceId };
      // A client that left before its answer was out.
      if (!reply.raw.writableFinished) log.info({ ...line, aborted: true }, "request");
      else if (status >= 500) log.warn(line, "request");
      else log.info(line, "request");
    };
  };
}

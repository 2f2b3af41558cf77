import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Access } from "../access/open-access.ts";
import { PROTECTION, refusal, refuse } from "./answer.ts";

/**
 * Makes the first hook of every request, of routes and pages and of what fits neither: its answer names the request and
 * protects itself in browsers. A request for a host that is not allowed is refused, except a poll of health.
 */
export function beginRequests({ allowsHost }: Pick<Access, "allowsHost">): onRequestHookHandler {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    reply.header("x-request-id", request.id).headers(PROTECTION);
    const { headers, httpVersionMinor, url = "" } = request.raw;
    // Not what a trusted proxy forwards: a page that poses as this host could send that.
    const { host } = headers;
    if (host === undefined) {
      if (httpVersionMinor === 1) refuse(reply, NO_HOST);
      else done();
    } else if (allowsHost(host) || url.startsWith("/health/")) done();
    else refuse(reply, MISDIRECTED);
  };
}

const NO_HOST = refusal("invalid_request", "The header Host is missing.");
const MISDIRECTED = refusal(
  "misdirected",
  "The header Host names a host that this API is not served under. If it should be, add its name to ALLOWED_HOSTS.",
);

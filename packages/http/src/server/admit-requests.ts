import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Scope } from "@pedidos/contract";
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Access } from "../access/open-access.ts";
import { type Refusal, refusal, refuse } from "./answer.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The name of the key, for the audit; null without one. */
    readonly actor: string | null;
  }
}

/** Makes the ids of requests: the client's `x-request-id` if it is well formed, else one of our own. */
export function nameRequests(): (request: Pick<IncomingMessage, "headers">) => string {
  const process = randomBytes(6).toString("base64url");
  let count = 0;
  return ({ headers }) => {
    const given = headers["x-request-id"];
    if (typeof given === "string" && /^[\w.:/+=-]{1,128}$/.test(given)) return given;
    return `${process}-${(++count).toString(36)}`;
  };
}

/** Makes the first hook of a route: it returns the request's id, and admits requests that have the route's scope. */
export function admitRequests(access: Access, scope: Scope | null): onRequestHookHandler {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    reply.header("x-request-id", request.id);
    const { headers, httpVersionMinor } = request.raw;
    if (headers.host === undefined && httpVersionMinor === 1) return void refuse(reply, NO_HOST);
    // The session of a signed-in browser stands for its key from here on.
    if (headers.authorization === undefined && headers.cookie !== undefined) {
      const authorization = access.sessions.authorizationOf(request.raw);
      if (authorization !== undefined) headers.authorization = authorization;
    }
    const verdict = scope === null ? "allowed" : access.check(scope, headers.authorization);
    if (verdict === "allowed") done();
    else refuse(reply, verdict === "forbidden" ? forbidden(scope) : unauthorized(scope));
  };
}

const NO_HOST = refusal("invalid_request", "The header Host is missing.");

function unauthorized(scope: Scope | null): Refusal {
  const detail = `A bearer key with the scope ${scope} is needed.`;
  return { kind: "unauthorized", detail, headers: { "www-authenticate": "Bearer" } };
}

function forbidden(scope: Scope | null): Refusal {
  const header = `Bearer error="insufficient_scope", scope="${scope}"`;
  return { kind: "forbidden", detail: `The key lacks the scope ${scope}.`, headers: { "www-authenticate": header } };
}

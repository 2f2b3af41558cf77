import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Scope } from "@pedidos/contract";
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Access } from "../access/open-access.ts";
import { siteOf } from "../access/site-of.ts";
import type { Route } from "../route.ts";
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

/**
 * Makes the first hook of a route: it admits requests that have the route's scope. If the route changes something, it admits
 * what another site's page sends only with a key, which no browser adds by itself.
 */
export function admitRequests(
  access: Access,
  { method, scope }: Pick<Route, "method" | "scope">,
): onRequestHookHandler {
  const changes = method !== "GET";
  return (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const { headers } = request.raw;
    // The session of a signed-in browser stands for its key from here on.
    if (headers.authorization === undefined && headers.cookie !== undefined) {
      const authorization = access.sessions.authorizationOf(request);
      if (authorization !== undefined) headers.authorization = authorization;
    }
    const verdict = scope === null ? "allowed" : access.check(scope, headers.authorization);
    if (changes && siteOf(request) === "other" && access.nameOf(headers.authorization) === undefined) {
      const isBadKey = verdict === "unauthorized" && headers.authorization !== undefined;
      refuse(reply, isBadKey ? unauthorized(scope) : CROSS_SITE);
    } else if (verdict === "allowed") done();
    else refuse(reply, verdict === "forbidden" ? forbidden(scope) : unauthorized(scope));
  };
}

const CROSS_SITE = refusal(
  "cross_site",
  "Another site's page sent this (Sec-Fetch-Site, Origin). Only with a bearer key in the header Authorization may it change something.",
);

function unauthorized(scope: Scope | null): Refusal {
  const detail = `A bearer key with the scope ${scope} is needed.`;
  return { kind: "unauthorized", detail, headers: { "www-authenticate": "Bearer" } };
}

function forbidden(scope: Scope | null): Refusal {
  const header = `Bearer error="insufficient_scope", scope="${scope}"`;
  return { kind: "forbidden", detail: `The key lacks the scope ${scope}.`, headers: { "www-authenticate": header } };
}

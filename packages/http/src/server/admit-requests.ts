import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { PerformedBy } from "@pedidos/persistence";
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import { lackOf } from "../access/lack-of.ts";
import type { Access } from "../access/open-access.ts";
import { siteOf } from "../access/site-of.ts";
import type { Route } from "../route.ts";
import type { Session } from "../sessions/open-sessions.ts";
import { type Refusal, refusal, refuse } from "./answer.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The name of the key; null without one. */
    readonly actor: string | null;
    /** Of a browser that is signed in; null if it is not, or sent a key. */
    session: Session | null;
    /** For the audit. */
    readonly performedBy: PerformedBy;
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
      const session = access.sessions.sessionOf(request);
      if (session !== undefined && access.nameOf(session.authorization) !== undefined) {
        headers.authorization = session.authorization;
        request.session = session;
      }
    }
    let lack = scope === null ? null : lackOf(access, scope, headers.authorization);
    if (lack?.kind === "unauthorized") lack = refuseFailure(access, request) ?? lack;
    if (changes && siteOf(request) === "other" && access.nameOf(headers.authorization) === undefined) {
      const badKey = headers.authorization === undefined ? null : lack;
      refuse(reply, badKey ?? CROSS_SITE);
    } else if (lack === null) done();
    else refuse(reply, lack);
  };
}

/** Counts an attempt with a key that does not count. → the refusal if there were too many. */
export function refuseFailure(access: Pick<Access, "identify" | "failures">, request: FastifyRequest): Refusal | null {
  const found = access.identify(request.headers.authorization);
  return found !== null && "reason" in found ? access.failures.fail("request", request, found) : null;
}

const CROSS_SITE = refusal(
  "cross_site",
  "Another site's page sent this (Sec-Fetch-Site, Origin). Only with a bearer key in the header Authorization may it change something.",
);

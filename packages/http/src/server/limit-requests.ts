import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Access } from "../access/open-access.ts";
import type { Route } from "../route.ts";
import { type Refusal, refusal, refuse, TOO_MUCH_MEMORY } from "./answer.ts";
import { callerOf } from "./identify-caller.ts";
import { leaseUntilAnswered } from "./limit-callers.ts";
import { LIGHT_BYTES, PLACES, type PlaceKind } from "./limits.ts";

/** Takes a place of a kind until the answer is sent or the client is gone. → the refusal of a request over the limit, else null. */
export function takePlace(reply: FastifyReply, kind: PlaceKind): Refusal | null {
  const { each, inAll, bytes, what } = PLACES[kind];
  const place = leaseUntilAnswered(reply, kind);
  const limits = `This server answers ${each} ${what} of a caller at once, and ${inAll} of all. Retry once one has ended.`;
  if (!place.resize(1)) return refusal("too_many_requests", limits);
  if (bytes === 0 || leaseUntilAnswered(reply, "memory").resize(bytes)) return null;
  place.release();
  return TOO_MUCH_MEMORY;
}

/** → the route, which refuses requests over the limit. */
export function limitRequests(kind: PlaceKind, route: Route, kindOfLight = kind): Route {
  return {
    ...route,
    handle(request, reply) {
      const refused = takePlace(reply, isLight(request.headers) ? kindOfLight : kind);
      return refused === null ? route.handle(request, reply) : refuse(reply, refused);
    },
  };
}

/** Whether a request says that its body is small; a packed one may hold more than it says. */
function isLight(headers: IncomingHttpHeaders): boolean {
  return Number(headers["content-length"]) <= LIGHT_BYTES && headers["content-encoding"] === undefined;
}

/** Which requests a caller's rate limit counts together. */
export type RateBucket = "api" | "replaced" | "sign-in" | "page";

declare module "fastify" {
  interface FastifyContextConfig {
    readonly bucket?: RateBucket;
  }
}

/** Thrown by the rate limit; each family of routes words it in its own way. */
class RateExceeded extends Error {
  readonly statusCode = 429;
}

/** Beyond this many callers, those that have asked least recently are forgotten. */
const MAX_CALLERS = 10_000;

/**
 * Limits the requests a minute of each caller: a key by its name, or an address that sends no key, in each
 * bucket. It covers the routes that
 * are added after it, unless they switch it off. Each process counts for itself. Without a limit it does nothing.
 */
export function limitRate(app: FastifyInstance, { requestsPerMinute }: Access): void {
  if (requestsPerMinute === undefined) return;
  app.register(import("@fastify/rate-limit"), {
    max: requestsPerMinute,
    timeWindow: 60_000,
    cache: MAX_CALLERS,
    enableDraftSpec: true,
    keyGenerator: (request) => `${request.routeOptions.config.bucket} ${callerOf(request)}`,
    errorResponseBuilder: (_request, { ttl }) =>
      new RateExceeded(`More than ${requestsPerMinute} requests a minute; retry in ${Math.ceil(ttl / 1_000)} s`),
  });
}

import type { FastifyInstance, FastifyReply } from "fastify";
import { networkOf } from "../access/network-of.ts";
import type { Access } from "../access/open-access.ts";
import type { Route } from "../route.ts";
import { type Refusal, refusal, refuse } from "./answer.ts";

/**
 * Limits how many requests of a kind this process answers at the same time.
 *
 * @param what names the requests in the plural, for the refusal
 */
export function openLimiter(limit: number, what: string) {
  let active = 0;
  return {
    /** Counts a request until its answer is sent or its client is gone. → the refusal of one over the limit, else null. */
    acquire({ raw }: FastifyReply): Refusal | null {
      if (active >= limit)
        return refusal("too_many_requests", `This server answers ${limit} ${what} already; that is as many as it may.`);
      active++;
      let isActive = true;
      const release = () => {
        if (isActive) active--;
        isActive = false;
      };
      raw.once("finish", release).once("close", release);
      return null;
    },
  };
}

export type Limiter = ReturnType<typeof openLimiter>;

/** → the route, which refuses requests over the limit. */
export function limitRequests(limiter: Limiter, route: Route): Route {
  return {
    ...route,
    handle(request, reply) {
      const refused = limiter.acquire(reply);
      return refused === null ? route.handle(request, reply) : refuse(reply, refused);
    },
  };
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
    keyGenerator({ actor, performedBy, routeOptions }) {
      const caller = actor === null ? `address ${networkOf(performedBy.address ?? "")}` : `key ${actor}`;
      return `${routeOptions.config.bucket} ${caller}`;
    },
    errorResponseBuilder: (_request, { ttl }) =>
      new RateExceeded(`More than ${requestsPerMinute} requests a minute; retry in ${Math.ceil(ttl / 1_000)} s`),
  });
}

import type { FastifyInstance } from "fastify";
import type { Access } from "../access/open-access.ts";

/** Refused for coming too often; the family of the route words it. */
class TooOften extends Error {
  readonly statusCode = 429;
}

/** Callers that are remembered; beyond, those that have not come for longest are forgotten. */
const MOST_CALLERS = 10_000;

/**
 * Bounds the requests of each caller, a key by its name or, without one, an address, on all routes that are added after
 * it and do not turn it off. Each process counts for itself. Does nothing where no limit is set.
 */
export function limitRate(app: FastifyInstance, { requestsPerMinute, nameOf }: Access): void {
  if (requestsPerMinute === undefined) return;
  app.register(import("@fastify/rate-limit"), {
    max: requestsPerMinute,
    timeWindow: 60_000,
    cache: MOST_CALLERS,
    enableDraftSpec: true,
    keyGenerator({ headers, ip }) {
      const name = nameOf(headers.authorization);
      return name === undefined ? `address ${ip}` : `key ${name}`;
    },
    errorResponseBuilder: (_request, { ttl }) =>
      new TooOften(`More than ${requestsPerMinute} requests a minute; come again in ${Math.ceil(ttl / 1_000)} s`),
  });
}

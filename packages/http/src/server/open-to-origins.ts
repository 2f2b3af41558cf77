import type { FastifyInstance } from "fastify";

/** How long browsers may keep the answer to a preflight. */
const MAX_AGE_SECONDS = 600;
/** Headers that their scripts may send. None that a proxy would be believed for. */
const ALLOWED = ["authorization", "content-type", "last-event-id", "prefer", "traceparent", "x-request-id"];
/** Headers of answers that scripts of other sites may read, beside those that every script may. */
const EXPOSED = [
  "location",
  "retry-after",
  "x-request-id",
  "ratelimit-limit",
  "ratelimit-remaining",
  "ratelimit-reset",
];

/**
 * Lets scripts of these origins read answers (CORS), and ask to send more than a form can. They send a bearer key, never a
 * cookie. Without origins nothing is loaded, and browsers keep every answer from other sites.
 */
export function openToOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.register(import("@fastify/cors"), {
    origin: (origin, decide) => decide(null, origin !== undefined && origins.includes(origin) ? origin : false),
    methods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
    allowedHeaders: ALLOWED,
    exposedHeaders: EXPOSED,
    maxAge: MAX_AGE_SECONDS,
    credentials: false,
    strictPreflight: false,
  });
}

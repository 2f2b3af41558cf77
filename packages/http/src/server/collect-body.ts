import type { IncomingHttpHeaders } from "node:http";
import { limits } from "@pedidos/domain";
import type { FastifyReply } from "fastify";
import { type Refusal, refusal } from "./answer.ts";
import { leaseUntilAnswered } from "./limit-callers.ts";
import { LIGHT_BYTES, REQUEST_BYTES } from "./limits.ts";

export type BodyLimits = { readonly maxBytes: number; readonly timeoutMs: number };

/** Of one order, and of other bodies that are read as a whole. */
export const ORDER_LIMITS: BodyLimits = { maxBytes: limits.bytes, timeoutMs: 30_000 };

/** A body may take the grace, and as much more as its bytes that have arrived take at the least rate. */
export type BodyPace = { readonly graceMs: number; readonly leastBytesPerSecond: number };

export const BODY_PACE: BodyPace = { graceMs: 5_000, leastBytesPerSecond: 4 * 1024 };
/** A body that has not arrived by then takes of the memory even if nothing of it is here. */
const SLOW_AFTER_MS = 1_000;

const EMPTY = Buffer.alloc(0);

/**
 * Reads the whole body of the request that is replied to. A body that is over the limit, does not arrive in time, or for
 * which its caller has no memory left, is refused and not held. Up to 64 KiB the bytes may be Node's own: the caller uses
 * or copies them before the next iteration of the event loop.
 *
 * A body that comes in one piece, as almost every order does, is not counted: it is gone before the next is read.
 */
export function collectBody(
  reply: FastifyReply,
  { maxBytes, timeoutMs }: BodyLimits,
  pace: BodyPace = BODY_PACE,
): Promise<Buffer | Refusal> {
  const request = reply.request.raw;
  const declared = Number(request.headers["content-length"]);
  if (declared > maxBytes) return Promise.resolve(tooLarge(maxBytes));
  return new Promise((resolve) => {
    const began = performance.now();
    const chunks: Buffer[] = [];
    let [size, isSettled] = [0, false];
    let lease: BodyLease | undefined;
    const settle = (collected: Buffer | Refusal) => {
      isSettled = true;
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd);
      if (!Buffer.isBuffer(collected)) request.pause();
      // A large order is held until it is answered, in one form or another.
      if (size <= LIGHT_BYTES || !Buffer.isBuffer(collected)) lease?.release();
      resolve(collected);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) return settle(tooLarge(maxBytes));
      if (size === declared) return;
      lease ??= leaseBody(reply, declared);
      if (!lease.grow(size)) settle(TOO_MANY_BODIES);
    };
    const onEnd = () => settle(join(chunks, size));
    // What has arrived while this process was busy is read first.
    const checkSoon = () => {
      setImmediate(() => {
        if (isSettled) return;
        lease ??= leaseBody(reply, declared);
        const leftMs = Math.min(timeoutMs, timeFor(size, pace)) - (performance.now() - began);
        if (leftMs <= 0) settle(tooSlow(timeoutMs, pace));
        else if (!lease.grow(size)) settle(TOO_MANY_BODIES);
        else timer = setTimeout(checkSoon, leftMs);
      });
    };
    let timer = setTimeout(checkSoon, Math.min(pace.graceMs, SLOW_AFTER_MS));
    request.on("data", onData).on("end", onEnd);
    // The client is gone; nobody reads this answer.
    request.on("error", () => settle(refusal("invalid_request", "The body ended early.")));
  });
}

function tooLarge(maxBytes: number): Refusal {
  return refusal("too_large", `The body is larger than ${maxBytes} bytes.`);
}

/** → how long a body may take of which so many bytes have arrived, in ms. */
function timeFor(bytes: number, { graceMs, leastBytesPerSecond }: BodyPace): number {
  return graceMs + (bytes / leastBytesPerSecond) * 1_000;
}

function tooSlow(timeoutMs: number, { graceMs, leastBytesPerSecond }: BodyPace): Refusal {
  const detail = `The body did not arrive in time: it may take ${graceMs / 1_000} s, a second more for each ${leastBytesPerSecond} bytes, and ${timeoutMs / 1_000} s at most. Send it again.`;
  return refusal("request_timeout", detail);
}

const TOO_MANY_BODIES = refusal(
  "too_many_requests",
  "The bodies of a caller, or of all, take as much memory as they may while they arrive. Send it again once some are answered.",
);

type BodyLease = { readonly grow: (arrived: number) => boolean; readonly release: () => void };

/**
 * Small bodies have a memory of their own. A large one takes of what all large things share: as much as it says that it is
 * going to have, else as much as has arrived.
 */
function leaseBody(reply: FastifyReply, declared: number): BodyLease {
  let isLarge = declared > LIGHT_BYTES;
  let lease = leaseUntilAnswered(reply, isLarge ? "memory" : "smallBodies");
  return {
    grow(arrived) {
      if (!isLarge && arrived > LIGHT_BYTES) {
        isLarge = true;
        lease.release();
        lease = leaseUntilAnswered(reply, "memory");
      }
      return lease.resize(REQUEST_BYTES + (isLarge && declared > arrived ? declared : arrived));
    },
    release: () => lease.release(),
  };
}

/** As {@link collectBody}; refuses a body whose Content-Type is not JSON. */
export function collectJson(reply: FastifyReply, limits: BodyLimits): Promise<Buffer | Refusal> {
  const refused = refuseType(reply.request.raw.headers, ["application/json"]);
  return refused === null ? collectBody(reply, limits) : Promise.resolve(refused);
}

/** → null if the type of a body is one of those expected, and its encoding, if it has one, one of those taken. */
export function refuseType(
  headers: IncomingHttpHeaders,
  expected: readonly string[],
  encodings: readonly string[] = [],
): Refusal | null {
  const type = mediaType(headers["content-type"]);
  if (!expected.includes(type)) {
    const given = type === "" ? "missing" : JSON.stringify(type);
    return refusal("unsupported_media_type", `Content-Type is ${given}; must be ${expected.join(" or ")}.`);
  }
  const encoding = headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding === "identity" || encodings.includes(encoding)) return null;
  const [taken = "identity"] = encodings;
  const detail = `Content-Encoding ${JSON.stringify(encoding)} is not supported here; only ${taken} is.`;
  return { kind: "unsupported_media_type", detail, headers: { "accept-encoding": taken } };
}

/** → the media type of a body in lower case, without its parameters; "" without a Content-Type. */
export function mediaType(contentType: string | undefined): string {
  // Almost every request says exactly this.
  if (contentType === "application/json") return contentType;
  return (contentType?.split(";", 1)[0] ?? "").trim().toLowerCase();
}

function join(chunks: readonly Buffer[], size: number): Buffer {
  const [first = EMPTY] = chunks;
  return chunks.length <= 1 ? first : Buffer.concat(chunks, size);
}

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { limits } from "@pedidos/domain";
import { type Refusal, refusal } from "./answer.ts";

export type BodyLimits = { readonly maxBytes: number; readonly timeoutMs: number };

/** Of one order, and of other bodies that are read as a whole. */
export const ORDER_LIMITS: BodyLimits = { maxBytes: limits.bytes, timeoutMs: 30_000 };

/** Limits the bytes of all bodies that are arriving at this process; bodies over it are refused. */
const TOTAL_LIMIT_BYTES = 256 * 1024 * 1024;
let totalBytes = 0;

const EMPTY = Buffer.alloc(0);

/**
 * Reads the whole body of a request. A body that is over the limit, or does not arrive in time, is refused and not held.
 * Up to 64 KiB the bytes may be Node's own: the caller uses or copies them before the next iteration of the event loop.
 */
export function collectBody(request: IncomingMessage, { maxBytes, timeoutMs }: BodyLimits): Promise<Buffer | Refusal> {
  const tooLarge = () => refusal("too_large", `The body is larger than ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"]) > maxBytes) return Promise.resolve(tooLarge());
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (collected: Buffer | Refusal) => {
      clearTimeout(timer);
      totalBytes -= size;
      size = 0;
      request.off("data", onData).off("end", onEnd);
      resolve(collected);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      totalBytes += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) settle(tooLarge());
      else if (totalBytes > TOTAL_LIMIT_BYTES)
        settle(refusal("too_many_requests", "Too many bodies are arriving at once."));
    };
    const onEnd = () => settle(join(chunks, size));
    const timer = setTimeout(
      () => settle(refusal("request_timeout", `The body did not arrive within ${timeoutMs / 1_000} seconds.`)),
      timeoutMs,
    );
    request.on("data", onData).on("end", onEnd);
    // The client is gone; nobody reads this answer.
    request.on("error", () => settle(refusal("invalid_request", "The body ended early.")));
  });
}

/** As {@link collectBody}; refuses a body whose Content-Type is not JSON. */
export function collectJson(request: IncomingMessage, limits: BodyLimits): Promise<Buffer | Refusal> {
  const refused = refuseType(request.headers, ["application/json"]);
  return refused === null ? collectBody(request, limits) : Promise.resolve(refused);
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

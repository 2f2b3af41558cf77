import type { IncomingMessage } from "node:http";
import { describeWrongType } from "./media-type.ts";
import { type Refusal, refusal } from "./problem.ts";

export type CollectedBody =
  | { readonly kind: "body"; readonly bytes: Buffer }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export type BodyLimits = { readonly maxBytes: number; readonly timeoutMs: number };

/** One order, and whatever else comes in one piece. */
export const ORDER_LIMITS: BodyLimits = { maxBytes: 1024 * 1024, timeoutMs: 30_000 };

/** What all bodies that are arriving at this process may hold together; whoever comes beyond is told to come later. */
const ROOM_BYTES = 256 * 1024 * 1024;
let heldBytes = 0;

const EMPTY = Buffer.alloc(0);

/**
 * Reads the whole body of a request. What is over the limit, or does not arrive in time, is refused without holding it.
 * Up to 64 KiB the bytes are to be used before the next turn of the event loop, or copied: they may be Node's own.
 */
export function collectBody(request: IncomingMessage, { maxBytes, timeoutMs }: BodyLimits): Promise<CollectedBody> {
  if (Number(request.headers["content-length"]) > maxBytes) return Promise.resolve(tooLarge(maxBytes));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let held = 0;
    const settle = (collected: CollectedBody) => {
      clearTimeout(timer);
      heldBytes -= held;
      held = 0;
      request.off("data", onData).off("end", onEnd);
      resolve(collected);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      held += chunk.length;
      heldBytes += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) settle(tooLarge(maxBytes));
      else if (heldBytes > ROOM_BYTES) settle(NO_ROOM);
    };
    const onEnd = () => settle({ kind: "body", bytes: join(chunks, size) });
    const timer = setTimeout(() => settle(tooSlow(timeoutMs)), timeoutMs);
    request.on("data", onData).on("end", onEnd);
    // The client has gone; nobody reads this answer.
    request.on("error", () =>
      settle({ kind: "refused", refusal: refusal("invalid_request", "The body ended early.") }),
    );
  });
}

/** As {@link collectBody}, of a request that says that its body is JSON; another is refused. */
export function collectJson(request: IncomingMessage, limits: BodyLimits): Promise<CollectedBody> {
  const wrong = describeWrongType(request.headers, ["application/json"]);
  if (wrong === null) return collectBody(request, limits);
  return Promise.resolve({ kind: "refused", refusal: refusal("unsupported_media_type", wrong) });
}

function join(chunks: readonly Buffer[], size: number): Buffer {
  const [first = EMPTY] = chunks;
  return chunks.length <= 1 ? first : Buffer.concat(chunks, size);
}

const NO_ROOM: CollectedBody = {
  kind: "refused",
  refusal: refusal("too_many_requests", "Too many bodies are arriving at once."),
};

function tooLarge(maxBytes: number): CollectedBody {
  return { kind: "refused", refusal: refusal("too_large", `The body is larger than ${maxBytes} bytes.`) };
}

function tooSlow(timeoutMs: number): CollectedBody {
  const detail = `The body did not arrive within ${timeoutMs / 1_000} seconds.`;
  return { kind: "refused", refusal: refusal("request_timeout", detail) };
}

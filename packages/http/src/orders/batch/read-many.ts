import type { IncomingMessage } from "node:http";
import { OrderInput } from "@pedidos/contract";
import { readJson } from "@pedidos/domain";
import type { Content } from "../../route.ts";
import { isRefusal, type Refusal, refusal } from "../../server/answer.ts";
import { mediaType, ORDER_LIMITS, refuseType } from "../../server/collect-body.ts";
import { yieldToOthers } from "../../server/yield-to-others.ts";
import { type EndOfBody, gunzipPieces } from "./gunzip-pieces.ts";
import { readSteadily } from "./read-steadily.ts";
import { splitArray } from "./split-array.ts";
import { type Line, splitLines } from "./split-lines.ts";

/** Orders part by part, as fast as the caller takes them. A part's bytes are to be used before the next one is taken. */
export type Parts = AsyncGenerator<Iterable<Line>, EndOfBody>;

/** Many orders of one body. `isLines`: each is a line, which holds no line break. */
export type Many = { readonly parts: Parts; readonly isLines: boolean };

const ARRAY_LIMITS = { orders: 10_000, bytes: 32 * 1024 * 1024, atOnce: 8 };

const LINES = OrderInput.examples.map((order) => `${JSON.stringify(order)}\n`).join("");

/** Bodies of many orders, in either form. */
export const manyOrders: Content = {
  content: {
    "application/x-ndjson": {
      schema: { type: "string", description: "One order a line; blank lines are skipped.", examples: [LINES] },
    },
    "application/json": { schema: { type: "array", maxItems: ARRAY_LIMITS.orders, items: OrderInput } },
  },
};

/** → a refusal of the body as a whole before any order of it is handed out. */
export type ReadMany = (request: IncomingMessage) => Promise<Many | Refusal>;

/**
 * Makes the reader of bodies of many orders that all routes of a process share: NDJSON of any length is streamed, a
 * JSON array is taken as a whole, and only so many of those at once. An array's elements count as lines, from 1.
 *
 * @param stopping reading ends when it is aborted
 */
export function openManyReader(stopping: AbortSignal): ReadMany {
  let arrays = 0;

  /** Hands out nothing before all of it is known to be a good array of not too many elements. */
  async function readArray(request: IncomingMessage): Promise<Many | Refusal> {
    if (arrays >= ARRAY_LIMITS.atOnce) return TOO_MANY_ARRAYS;
    arrays++;
    let isHandedOut = false;
    try {
      const body = await collect(request, stopping);
      const isWhole = typeof body === "object";
      if (isWhole && isRefusal(body)) return body;
      const elements = isWhole ? await readElements(body) : [];
      if (isRefusal(elements)) return elements;
      isHandedOut = true;
      return { parts: handOut(elements, isWhole ? "end" : body), isLines: false };
    } finally {
      if (!isHandedOut) arrays--;
    }
  }

  async function* handOut(elements: readonly Line["bytes"][], end: EndOfBody): Parts {
    const yieldIfDue = yieldToOthers();
    try {
      for (const [index, bytes] of elements.entries()) {
        if (stopping.aborted) return "stopped";
        yield [{ number: index + 1, bytes }];
        await yieldIfDue();
      }
      return end;
    } finally {
      arrays--;
    }
  }

  return async (request) => {
    const refused = refuseType(request.headers, ["application/x-ndjson", "application/json"], GZIP);
    if (refused !== null) return refused;
    return mediaType(request.headers["content-type"]) === "application/json"
      ? await readArray(request)
      : { parts: readLines(request, stopping), isLines: true };
  };
}

/** RFC 9110 has two names for it. */
const GZIP = ["gzip", "x-gzip"];

/** → the pieces of a body, inflated if it is compressed. */
function readBody(request: IncomingMessage, stopping: AbortSignal): AsyncGenerator<Buffer, EndOfBody> {
  const pieces = readSteadily(request, stopping);
  const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "";
  return GZIP.includes(encoding) ? gunzipPieces(pieces) : pieces;
}

/** A part is no more than this, and one line that ends in it: a piece of a body may hold ten thousands of lines. */
const PART_BYTES = 8 * 1024;

async function* readLines(request: IncomingMessage, stopping: AbortSignal): Parts {
  const lines = splitLines(ORDER_LIMITS.maxBytes);
  const pieces = readBody(request, stopping);
  const yieldIfDue = yieldToOthers();
  try {
    for (let next = await pieces.next(); ; next = await pieces.next()) {
      if (next.done) {
        if (next.value === "end") yield lines.end();
        return next.value;
      }
      for (let start = 0; start < next.value.length; start += PART_BYTES) {
        yield lines.feed(next.value.subarray(start, start + PART_BYTES));
        await yieldIfDue();
      }
    }
  } finally {
    await pieces.return("stopped");
  }
}

/** → the whole body, or why there is none. */
async function collect(request: IncomingMessage, stopping: AbortSignal): Promise<Buffer | Refusal | EndOfBody> {
  const tooLarge = refusal("too_large", `An array of orders may have ${ARRAY_LIMITS.bytes} bytes.`);
  if (Number(request.headers["content-length"]) > ARRAY_LIMITS.bytes) return tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  const pieces = readBody(request, stopping);
  for (let next = await pieces.next(); ; next = await pieces.next()) {
    if (next.done && next.value !== "end") return next.value;
    if (next.done) return Buffer.concat(chunks.splice(0), size);
    size += next.value.length;
    if (size > ARRAY_LIMITS.bytes) {
      await pieces.return("stopped");
      return tooLarge;
    }
    chunks.push(next.value);
  }
}

/** An element that is too long to be an order is not parsed: that would delay all other requests for seconds. */
async function readElements(body: Buffer): Promise<readonly Line["bytes"][] | Refusal> {
  const notAnArray = refusal("invalid_json", "The body is not a JSON array.");
  const elements: Line["bytes"][] = [];
  const found = splitArray(body);
  for (const yieldIfDue = yieldToOthers(); ; await yieldIfDue()) {
    const next = found.next();
    if (next.done) return next.value ? elements : notAnArray;
    if (next.value === null) continue;
    if (elements.length === ARRAY_LIMITS.orders)
      return refusal("too_large", `An array may have ${ARRAY_LIMITS.orders} orders.`);
    const isTooLong = next.value.length > ORDER_LIMITS.maxBytes;
    if (!isTooLong && readJson(next.value).kind === "not_json") return notAnArray;
    elements.push(isTooLong ? "too_long" : next.value);
  }
}

const TOO_MANY_ARRAYS = refusal(
  "too_many_requests",
  `${ARRAY_LIMITS.atOnce} arrays are being read already; NDJSON has no such limit.`,
);

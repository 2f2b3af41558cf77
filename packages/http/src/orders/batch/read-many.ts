import type { IncomingHttpHeaders } from "node:http";
import { OrderInput } from "@pedidos/contract";
import { readJson } from "@pedidos/domain";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Content } from "../../route.ts";
import { isRefusal, type Refusal, refusal, TOO_MUCH_MEMORY } from "../../server/answer.ts";
import { mediaType, ORDER_LIMITS, refuseType } from "../../server/collect-body.ts";
import { type Client, clientOf } from "../../server/identify-caller.ts";
import { leaseUntilAnswered } from "../../server/limit-callers.ts";
import { yieldToOthers } from "../../server/yield-to-others.ts";
import { type EndOfBody, gunzipPieces } from "./gunzip-pieces.ts";
import { ARRAY_PACE, type Pace, readSteadily } from "./read-steadily.ts";
import { splitArray } from "./split-array.ts";
import { type Line, splitLines } from "./split-lines.ts";

/** Orders part by part, as fast as the caller takes them. A part's bytes are to be used before the next one is taken. */
export type Parts = AsyncGenerator<Iterable<Line>, EndOfBody>;

/** Many orders of one body. `isLines`: each is a line, which holds no line break. */
export type Many = { readonly parts: Parts; readonly isLines: boolean };

const ARRAY_LIMITS = { orders: 10_000, bytes: 32 * 1024 * 1024 };

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
export type ReadMany = (reply: FastifyReply) => Promise<Many | Refusal>;

/**
 * Makes the reader of bodies of many orders that all routes of a process share: NDJSON of any length is streamed, a
 * JSON array is taken as a whole, as far as there is memory for it. An array's elements count as lines, from 1.
 *
 * @param stopping reading ends when it is aborted
 */
export function openManyReader(stopping: AbortSignal): ReadMany {
  /** Hands out nothing before all of it is known to be a good array of not too many elements. */
  async function readArray(reply: FastifyReply): Promise<Many | Refusal> {
    const client = clientOf(reply);
    const body = await collect(reply, stopping);
    const isWhole = typeof body === "object";
    if (isWhole && isRefusal(body)) return body;
    const elements = isWhole ? await readElements(body, client) : [];
    if (isRefusal(elements)) return elements;
    return { parts: handOut(elements, client, isWhole ? "end" : body), isLines: false };
  }

  async function* handOut(elements: readonly Line["bytes"][], client: Client, end: EndOfBody): Parts {
    const yieldIfDue = yieldToOthers(client);
    for (const [index, bytes] of elements.entries()) {
      if (stopping.aborted) return "stopped";
      if (client.isGone()) return "gone";
      yield [{ number: index + 1, bytes }];
      await yieldIfDue();
    }
    return end;
  }

  return async (reply) => {
    const { headers } = reply.request;
    const refused = refuseType(headers, ["application/x-ndjson", "application/json"], GZIP);
    if (refused !== null) return refused;
    return mediaType(headers["content-type"]) === "application/json"
      ? await readArray(reply)
      : { parts: readLines(reply, stopping), isLines: true };
  };
}

/** RFC 9110 has two names for it. */
const GZIP = ["gzip", "x-gzip"];

/** → the pieces of a body, inflated if it is compressed. */
function readBody(
  { headers, raw }: FastifyRequest,
  stopping: AbortSignal,
  pace?: Pace,
): AsyncGenerator<Buffer, EndOfBody> {
  const pieces = readSteadily(raw, stopping, pace);
  return isCompressed(headers) ? gunzipPieces(pieces) : pieces;
}

function isCompressed(headers: IncomingHttpHeaders): boolean {
  return GZIP.includes(headers["content-encoding"]?.toLowerCase() ?? "");
}

/** A part is no more than this, and one line that ends in it: a piece of a body may hold ten thousands of lines. */
const PART_BYTES = 8 * 1024;

async function* readLines(reply: FastifyReply, stopping: AbortSignal): Parts {
  const client = clientOf(reply);
  const lines = splitLines(ORDER_LIMITS.maxBytes);
  const pieces = readBody(reply.request, stopping);
  const yieldIfDue = yieldToOthers(client);
  try {
    for (let next = await pieces.next(); ; next = await pieces.next()) {
      if (next.done) {
        if (next.value === "end") yield lines.end();
        return next.value;
      }
      for (let start = 0; start < next.value.length; start += PART_BYTES) {
        yield lines.feed(next.value.subarray(start, start + PART_BYTES));
        await yieldIfDue();
        if (client.isGone()) return "gone";
      }
    }
  } finally {
    await pieces.return("stopped");
  }
}

/** → the whole body, or why there is none. It takes memory as it arrives, and keeps it until the answer is sent. */
async function collect(reply: FastifyReply, stopping: AbortSignal): Promise<Buffer | Refusal | EndOfBody> {
  const tooLarge = refusal("too_large", `An array of orders may have ${ARRAY_LIMITS.bytes} bytes.`);
  const { headers } = reply.request;
  const length = Number(headers["content-length"] ?? 0);
  if (length > ARRAY_LIMITS.bytes) return tooLarge;
  const declared = isCompressed(headers) ? 0 : length;
  const memory = leaseUntilAnswered(reply, "memory");
  if (!memory.resize(declared)) return TOO_MUCH_FOR_ARRAY;
  // One that says how large it is going to be is never held twice, and let go at once: until they are collected, others
  // would add to it.
  const whole = Buffer.allocUnsafeSlow(declared);
  reply.raw.once("close", () => whole.buffer.transfer(0));
  const chunks: Buffer[] = [];
  let size = 0;
  const pieces = readBody(reply.request, stopping, ARRAY_PACE);
  try {
    for (let next = await pieces.next(); ; next = await pieces.next()) {
      if (next.done && next.value !== "end") return next.value;
      if (next.done) return declared > 0 ? whole : Buffer.concat(chunks.splice(0), size);
      size += next.value.length;
      if (declared > 0) next.value.copy(whole, size - next.value.length);
      else chunks.push(next.value);
      if (size > ARRAY_LIMITS.bytes) return tooLarge;
      if (size > declared && !memory.resize(size)) return TOO_MUCH_FOR_ARRAY;
    }
  } finally {
    await pieces.return("stopped");
  }
}

/** An element that is too long to be an order is not parsed: that would delay all other requests for seconds. */
async function readElements(body: Buffer, client: Client): Promise<readonly Line["bytes"][] | Refusal> {
  const notAnArray = refusal("invalid_json", "The body is not a JSON array.");
  const elements: Line["bytes"][] = [];
  const found = splitArray(body);
  for (const yieldIfDue = yieldToOthers(client); !client.isGone(); await yieldIfDue()) {
    const next = found.next();
    if (next.done) return next.value ? elements : notAnArray;
    if (next.value === null) continue;
    if (elements.length === ARRAY_LIMITS.orders)
      return refusal("too_large", `An array may have ${ARRAY_LIMITS.orders} orders.`);
    const isTooLong = next.value.length > ORDER_LIMITS.maxBytes;
    if (!isTooLong && readJson(next.value).kind === "not_json") return notAnArray;
    elements.push(isTooLong ? "too_long" : next.value);
  }
  // Nobody reads what was found of it.
  return elements;
}

const TOO_MUCH_FOR_ARRAY = refusal("too_many_requests", `${TOO_MUCH_MEMORY.detail} NDJSON needs less.`);

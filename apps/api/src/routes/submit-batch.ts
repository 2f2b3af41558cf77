import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type EndOfReading, readSteadily } from "../batch/read-steadily.ts";
import { splitArray } from "../batch/split-array.ts";
import { splitLines } from "../batch/split-lines.ts";
import { type Batch, type BatchResult, takeBatch } from "../batch/take-batch.ts";
import { answer, JSON_TYPE, refuseWithProblem } from "../http/answer.ts";
import { ORDER_LIMITS } from "../http/collect-body.ts";
import { describeWrongType, mediaType } from "../http/media-type.ts";
import { type Refusal, refusal } from "../http/problem.ts";
import type { Intake } from "../intake/open-intake.ts";
import { limitSlots } from "../limit-slots.ts";
import { json, problemAnswers, titlesOf } from "../openapi/describe.ts";
import type { Route } from "../openapi/route.ts";

const ARRAY_LIMITS = { orders: 10_000, bytes: 32 * 1024 * 1024, atOnce: 8 };
/** Messages in flight, of all batches together: well below what a publisher lets be unconfirmed. */
const MESSAGES_IN_FLIGHT = 32;
/** Looking at an array's elements may hold up everyone else so long. */
const TURN_MS = 5;

type BatchDependencies = { readonly intake: Intake; readonly stopping: AbortSignal };

/** `POST /v1/orders/batch`: many orders; NDJSON of any length is streamed, a JSON array is taken as a whole. */
export function submitBatch({ intake, stopping }: BatchDependencies): Route {
  const slots = limitSlots(MESSAGES_IN_FLIGHT);
  let arrays = 0;

  async function takeArrayInTurn(request: FastifyRequest, batch: Batch): Promise<Ended> {
    if (arrays >= ARRAY_LIMITS.atOnce) return { refused: TOO_MANY_ARRAYS };
    arrays++;
    try {
      return await takeArray(request, batch, stopping);
    } finally {
      arrays--;
    }
  }

  return {
    method: "POST",
    url: "/v1/orders/batch",
    scope: "orders:write",
    schema: batchSchema,
    async handle(request, reply) {
      const { headers } = request.raw;
      const wrong = describeWrongType(headers, ["application/x-ndjson", "application/json"]);
      if (wrong !== null) return refuseWithProblem(reply, refusal("unsupported_media_type", wrong));
      const batch = takeBatch({ accept: intake.accept, slots });
      const isArray = mediaType(headers["content-type"]) === "application/json";
      const ended = isArray
        ? await takeArrayInTurn(request, batch)
        : { reading: await takeLines(request, batch, stopping) };
      if ("refused" in ended) return refuseWithProblem(reply, ended.refused);
      const result = await batch.finish();
      return answerBatch(reply, result, batch.hasFailed() ? "unavailable" : ended.reading);
    },
  };
}

/** How a batch ended: refused as a whole, with nothing of it taken, or read until this. */
type Ended = { readonly refused: Refusal } | { readonly reading: EndOfReading };

async function takeLines({ raw }: FastifyRequest, batch: Batch, stopping: AbortSignal): Promise<EndOfReading> {
  const lines = splitLines(ORDER_LIMITS.maxBytes);
  const takeAll = async (found: ReturnType<typeof lines.feed>) => {
    for (const { number, bytes } of found) {
      if (bytes === "too_long") batch.reject(number, [LINE_TOO_LONG]);
      else await batch.take(number, bytes, true);
      if (batch.hasFailed()) return;
    }
  };
  const pieces = readSteadily(raw, stopping);
  for (;;) {
    const next = await pieces.next();
    if (!next.done) await takeAll(lines.feed(next.value));
    else if (next.value === "end") await takeAll(lines.end());
    if (next.done) return next.value;
    if (batch.hasFailed()) {
      await pieces.return("stopped");
      return "stopped";
    }
  }
}

/** Takes nothing before all of it is known to be a good array of not too many elements. */
async function takeArray({ raw }: FastifyRequest, batch: Batch, stopping: AbortSignal): Promise<Ended> {
  const tooLarge = refusal("too_large", `An array of orders may have ${ARRAY_LIMITS.bytes} bytes.`);
  if (Number(raw.headers["content-length"]) > ARRAY_LIMITS.bytes) return { refused: tooLarge };
  const chunks: Buffer[] = [];
  let size = 0;
  const pieces = readSteadily(raw, stopping);
  for (let next = await pieces.next(); ; next = await pieces.next()) {
    if (next.done && next.value !== "end") return { reading: next.value };
    if (next.done) break;
    size += next.value.length;
    if (size > ARRAY_LIMITS.bytes) {
      await pieces.return("stopped");
      return { refused: tooLarge };
    }
    chunks.push(next.value);
  }
  const elements = await readElements(Buffer.concat(chunks.splice(0), size));
  if ("refused" in elements) return elements;
  for (const [index, bytes] of elements.entries()) {
    if (batch.hasFailed() || stopping.aborted) return { reading: "stopped" };
    await batch.take(index + 1, bytes, false);
  }
  return { reading: "end" };
}

async function readElements(body: Buffer): Promise<readonly Buffer[] | { readonly refused: Refusal }> {
  const notAnArray = refusal("invalid_json", "The body is not a JSON array.");
  const elements: Buffer[] = [];
  const found = splitArray(body);
  for (let turn = performance.now(); ; ) {
    const next = found.next();
    if (next.done) return next.value ? elements : { refused: notAnArray };
    if (elements.length === ARRAY_LIMITS.orders)
      return { refused: refusal("too_large", `An array may have ${ARRAY_LIMITS.orders} orders.`) };
    if (!isJson(next.value)) return { refused: notAnArray };
    elements.push(next.value);
    if (performance.now() - turn > TURN_MS) {
      await nextTurn();
      turn = performance.now();
    }
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(utf8.decode(bytes));
    return true;
  } catch {
    return false;
  }
}

function answerBatch(reply: FastifyReply, result: BatchResult, ended: EndOfReading | "unavailable"): FastifyReply {
  const { accepted, rejected, errors } = result;
  if (ended === "end")
    return answer(
      reply,
      200,
      JSON_TYPE,
      `{"accepted":${accepted},"rejected":${rejected},"errors":[${errors.join(",")}]}`,
    );
  const extra = { accepted, rejected, errors: errors.map((text) => JSON.parse(text)) };
  const kind = ended === "too_slow" ? "request_timeout" : "unavailable";
  return refuseWithProblem(reply, refusal(kind, ENDED_EARLY[ended], extra));
}

const ENDED_EARLY = {
  unavailable: "Nothing durable could be reached. What is not accepted may have been kept; sending all again is safe.",
  stopped: "This server is stopping. Sending the whole batch again, to another, is safe.",
  too_slow: "The rest of the batch did not arrive, or too slowly.",
  gone: "The client has gone.",
} as const;

const LINE_TOO_LONG = { pointer: "", detail: "is over 1 MiB; must be one order of at most 1 MiB" };
const TOO_MANY_ARRAYS = refusal(
  "too_many_requests",
  `${ARRAY_LIMITS.atOnce} arrays are being read already; NDJSON has no such limit.`,
);

const partial = (status: number) => ({
  description: titlesOf(status),
  content: { "application/problem+json": { schema: { $ref: "BatchProblem#" } } },
});

const batchSchema: Route["schema"] = {
  summary: "Submit many orders",
  description:
    "NDJSON (one order a line, any number of them, streamed) or a JSON array of at most 10000 orders and 32 MiB. Good lines are accepted whatever the bad ones say.",
  tags: ["Orders"],
  body: {
    content: {
      "application/x-ndjson": { schema: { type: "string", description: "One order a line; blank lines are skipped." } },
      "application/json": { schema: { type: "array", maxItems: ARRAY_LIMITS.orders, items: { $ref: "Order#" } } },
    },
  },
  response: {
    200: json("All of it was read.", "BatchResult"),
    ...problemAnswers(400, 401, 403, 413, 415, 429),
    408: partial(408),
    503: partial(503),
  },
};

import { BatchProblem, BatchResult, Problem } from "@pedidos/contract";
import type { Submitting } from "@pedidos/intake";
import type { FastifyReply } from "fastify";
import { json, route, titlesOf } from "../route.ts";
import { answer, isRefusal, JSON_TYPE, refusal, refuse, statusOf, writeProblem } from "../server/answer.ts";
import { endWithKey } from "../server/end-with-key.ts";
import { limitFairly } from "../server/fair-queue.ts";
import { clientOf } from "../server/identify-caller.ts";
import { type EndOfBody, MAX_RATIO } from "./batch/gunzip-pieces.ts";
import { type Many, manyOrders, type ReadMany } from "./batch/read-many.ts";
import { LINE_TOO_LONG } from "./batch/split-lines.ts";
import { type Batch, type TakenBatch, takeBatch } from "./batch/take-batch.ts";
import type { RefusedOrders } from "./count-refused.ts";

/** Messages in flight, of all batches together, whose callers take turns: well below what a publisher lets be unconfirmed. */
const MESSAGES_IN_FLIGHT = 32;
/** Of one batch: to the broker, and where this process records too, which writes them to the disk together. */
const OF_ONE = { published: 4, spooled: 16 };

type BatchDependencies = {
  readonly submitting: Pick<Submitting, "intake" | "awaitCapacity">;
  readonly readMany: ReadMany;
  readonly refused: Pick<RefusedOrders, "note" | "noteReason">;
};

/** `POST /v1/orders/batch`: many orders; NDJSON of any length is streamed, a JSON array is taken as a whole. */
export function submitBatch({ submitting: { intake, awaitCapacity }, readMany, refused }: BatchDependencies) {
  const limit = limitFairly(MESSAGES_IN_FLIGHT);
  return route("POST", "/v1/orders/batch", {
    scope: "orders:write",
    operationId: "submitBatch",
    summary: "Submit many orders",
    description:
      "NDJSON (one order a line, any number of them, streamed) or a JSON array of at most 10000 orders and 32 MiB, either one compressed (`Content-Encoding: gzip`) or not. Good lines are accepted also beside bad ones.",
    tags: ["Orders"],
    body: manyOrders,
    response: {
      200: json("All of it was read.", BatchResult),
      400: partial("damaged"),
      408: partial("too_slow"),
      413: partial("too_dense"),
      503: partial("unavailable"),
    },
    refusals: [415, 429],
    async handle(request, reply) {
      endWithKey(reply);
      const many = await readMany(reply);
      if (isRefusal(many)) return refuse(reply, refused.note(request, many));
      const { actor } = request;
      // What was taken is made durable even if its client has gone.
      const client = { ...clientOf(reply), isGone: () => false };
      const batch = takeBatch({
        onRejected: (reason) => refused.noteReason({ actor }, reason),
        async accept(bodies) {
          await awaitCapacity?.();
          const traceparent = request.span?.traceparent;
          return intake.accept(bodies.map((body) => ({ body, source: "http", traceparent })));
        },
        inFlight: awaitCapacity === undefined ? OF_ONE.published : OF_ONE.spooled,
        limit: (work) => limit(client, work),
      });
      const ended = await takeAll(many, batch);
      const result = await batch.finish();
      return answerBatch(reply, result, batch.hasFailed() ? "unavailable" : ended);
    },
  });
}

async function takeAll({ parts, isLines }: Many, batch: Batch): Promise<EndOfBody> {
  for (;;) {
    const next = await parts.next();
    if (next.done) return next.value;
    for (const { number, bytes } of next.value) {
      if (bytes === "too_long") batch.reject(number, "too_large", [LINE_TOO_LONG]);
      else await batch.take(number, bytes, isLines);
      if (batch.hasFailed()) {
        await parts.return("stopped");
        return "stopped";
      }
    }
  }
}

function answerBatch(reply: FastifyReply, result: TakenBatch, ended: EndOfBody | "unavailable"): FastifyReply {
  const { accepted, rejected, errors } = result;
  if (ended !== "end") {
    const extra = { accepted, rejected, errors: errors.map((text) => JSON.parse(text)) };
    const [kind, detail] = ENDED_EARLY[ended];
    return refuse(reply, refusal(kind, detail, extra));
  }
  const counts = `"accepted":${accepted},"rejected":${rejected}`;
  return answer(reply, 200, JSON_TYPE, `{${counts},"errors":[${errors.join(",")}]}`);
}

const ENDED_EARLY = {
  unavailable: [
    "unavailable",
    "Nothing durable could be reached. What is not accepted may have been kept; sending all again is safe.",
  ],
  stopped: ["unavailable", "This server is stopping. Sending the whole batch again, to another, is safe."],
  too_slow: ["request_timeout", "The rest of the batch did not arrive, or too slowly."],
  gone: ["unavailable", "The client has gone."],
  damaged: ["damaged_body", "The rest is no gzip, or is cut off. Compress it again; sending all again is safe."],
  too_dense: [
    "too_large",
    `The rest inflates to more than ${MAX_RATIO} times its size. Send it uncompressed; sending all again is safe.`,
  ],
} as const;

/** An early end with the counts so far, or a refusal before anything was read. */
function partial(early: keyof typeof ENDED_EARLY) {
  const [kind, detail] = ENDED_EARLY[early];
  const examples = [JSON.parse(writeProblem(refusal(kind, detail, { accepted: 640, rejected: 0, errors: [] })))];
  const schema = { anyOf: [BatchProblem, Problem], examples };
  return { description: titlesOf(statusOf(kind)), content: { "application/problem+json": { schema } } };
}

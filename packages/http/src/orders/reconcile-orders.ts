import { Difference, Problem, ReconcileCounts } from "@pedidos/contract";
import pLimit from "p-limit";
import { type Store, StoreUnavailable } from "../open-store.ts";
import { manyOrders, problemAnswers } from "../openapi/describe.ts";
import type { Route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { type Refusal, refusal, writeProblem } from "../server/problem.ts";
import { streamPages } from "../server/stream-pages.ts";
import type { ReadMany } from "./batch/read-many.ts";
import { reconcileLines } from "./batch/reconcile-lines.ts";

/** Comparisons at once, of all requests together: half of the connections that reads have. */
const COMPARISONS_IN_FLIGHT = 4;

type ReconcileDependencies = { readonly store: Pick<Store, "compareOrders">; readonly readMany: ReadMany };

/** `POST /v1/orders/reconcile`: which of many orders are not recorded as they were sent. Nothing is written. */
export function reconcileOrders({ store, readMany }: ReconcileDependencies): Route {
  const limit = pLimit(COMPARISONS_IN_FLIGHT);
  return {
    method: "POST",
    url: "/v1/orders/reconcile",
    scope: "orders:read",
    schema: reconcileSchema,
    async handle(request, reply) {
      const many = await readMany(request.raw);
      if ("refused" in many) return refuseWithProblem(reply, many.refused);
      const differences = reconcileLines({ compare: store.compareOrders, limit }, many.parts);
      return await streamPages(reply.type("application/x-ndjson"), written(differences), (text) => text);
    },
  };
}

/** The lines of the answer. An outage of the database midway is told in the last one; at the start it is thrown. */
async function* written(differences: ReturnType<typeof reconcileLines>): AsyncGenerator<string, void> {
  let isFirst = true;
  try {
    for (;;) {
      const next = await differences.next();
      if (next.done) return yield writeLine(typeof next.value === "string" ? ENDED_EARLY[next.value] : next.value);
      yield next.value.map(writeLine).join("");
      isFirst = false;
    }
  } catch (error) {
    if (isFirst || !(error instanceof StoreUnavailable)) throw error;
    yield writeLine(UNAVAILABLE);
  } finally {
    await differences.return("stopped");
  }
}

function writeLine(line: Difference | ReconcileCounts | Refusal): string {
  return `${"kind" in line ? writeProblem(line) : JSON.stringify(line)}\n`;
}

const UNAVAILABLE = refusal("unavailable", "The database is unavailable. What comes after the last line is not known.");
const ENDED_EARLY = {
  stopped: refusal("unavailable", "This server is stopping. Send the whole again, to another."),
  too_slow: refusal("request_timeout", "The rest of the body did not arrive, or too slowly."),
  gone: refusal("invalid_request", "The client has gone."),
} as const;

const reconcileSchema: Route["schema"] = {
  summary: "Tell which of many orders are not recorded as they were sent",
  description:
    "Takes what the batch route takes (NDJSON of any length, streamed, or a JSON array of at most 10000 orders and 32 MiB) and writes nothing. The answer has a line for each order that is not recorded with the same content, while the body is still being sent, so read it at the same time. Its last line has the counts; where it is a problem document instead, the body was not compared to its end. An order that is accepted and not recorded yet is missing.",
  tags: ["Orders"],
  body: manyOrders,
  response: {
    200: {
      description: "A line for each difference, in the order of the body, then the counts.",
      content: {
        "application/x-ndjson": {
          schema: { anyOf: [Difference, ReconcileCounts, Problem] },
        },
      },
    },
    ...problemAnswers(400, 401, 403, 413, 415, 429, 503),
  },
};

import { Difference, Problem, ReconcileCounts } from "@pedidos/contract";
import type { Identity } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";
import { route } from "../route.ts";
import { isRefusal, refusal, refuse } from "../server/answer.ts";
import { endWithKey } from "../server/end-with-key.ts";
import { limitFairly } from "../server/fair-queue.ts";
import { clientOf } from "../server/identify-caller.ts";
import { streamLines } from "../server/stream-lines.ts";
import { MAX_RATIO } from "./batch/gunzip-pieces.ts";
import { manyOrders, type ReadMany } from "./batch/read-many.ts";
import { reconcileLines } from "./batch/reconcile-lines.ts";

/** Comparisons at once, of all requests together: half of the connections that reads have. Callers take turns. */
const COMPARISONS_IN_FLIGHT = 4;

const ENDED_EARLY = {
  unavailable: refusal("unavailable", "The database is unavailable. What comes after the last line is not known."),
  stopped: refusal("unavailable", "This server is stopping. Send the whole again, to another."),
  too_slow: refusal("request_timeout", "The rest of the body did not arrive, or too slowly."),
  gone: refusal("invalid_request", "The client has gone."),
  damaged: refusal("damaged_body", "The rest is no gzip, or is cut off. Compress it again, and send the whole."),
  too_dense: refusal("too_large", `The rest inflates to more than ${MAX_RATIO} times its size. Send it uncompressed.`),
};

type ReconcileDependencies = { readonly store: Pick<Store, "compareOrders">; readonly readMany: ReadMany };

/** `POST /v1/orders/reconcile`: which of many orders are not recorded as they were sent. Nothing is written. */
export function reconcileOrders({ store, readMany }: ReconcileDependencies) {
  const limit = limitFairly(COMPARISONS_IN_FLIGHT);
  return route("POST", "/v1/orders/reconcile", {
    scope: "orders:read",
    operationId: "reconcileOrders",
    summary: "Report which of many orders are not recorded as they were sent",
    description:
      "Takes what the batch route takes (NDJSON of any length, streamed, or a JSON array of at most 10000 orders and 32 MiB) and writes nothing. The answer has a line for each order that is not recorded with the same content, while the body is still being sent, so read it at the same time. Its last line has the counts; where it is a problem document instead, the body was not compared to its end. An order that is accepted and not recorded yet is missing.",
    tags: ["Orders"],
    body: manyOrders,
    response: {
      200: {
        description: "A line for each difference, in the order of the body, then the counts.",
        content: { "application/x-ndjson": { schema: { anyOf: [Difference, ReconcileCounts, Problem] } } },
      },
    },
    refusals: [400, 413, 415, 429, 503],
    async handle(_request, reply) {
      endWithKey(reply);
      const many = await readMany(reply);
      if (isRefusal(many)) return refuse(reply, many);
      const client = clientOf(reply);
      const compare = (sent: readonly Identity[]) => limit(client, () => store.compareOrders(sent));
      return await streamLines(reply, reconcileLines({ compare }, many.parts), ENDED_EARLY);
    },
  });
}

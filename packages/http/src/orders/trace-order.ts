import type { QueueDepths } from "@pedidos/broker";
import { OrderTrace } from "@pedidos/contract";
import type { StoredTrace } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";
import { idParameter, json, problemAnswers } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { readPathId } from "../server/read-parameters.ts";

type Tracing = {
  readonly store: Pick<Store, "traceOrder">;
  /** What waits at the broker; undefined where there is none, or it does not say. */
  readonly queueDepths: () => Promise<QueueDepths | undefined>;
};

/** `GET /v1/orders/{orderId}/trace`: what is known of an id, and for one that is not recorded how much waits. */
export function traceOrder({ store, queueDepths }: Tracing): Route {
  return route({
    method: "GET",
    url: "/v1/orders/:orderId/trace",
    scope: "orders:read",
    schema: {
      summary: "Tell what is known of an order, recorded or not",
      description:
        "Where it is not recorded: its rejections, and how much waits in the queues and in the spool, any of which may be this order. The road by which an order came is known for rejections alone, and submissions of the same order again leave no trace.",
      tags: ["Orders"],
      params: idParameter("orderId"),
      response: {
        200: json("What is known; of an unknown id that is how much waits.", OrderTrace),
        ...problemAnswers(400, 401, 403, 503),
      },
    },
    async handle(request, reply, answerJson) {
      const id = readPathId(request.params, "orderId");
      if (id.kind === "refused") return refuseWithProblem(reply, id.refusal);
      const trace = await store.traceOrder(id.value);
      const waiting = trace.spool && {
        queues: await depthsOf(queueDepths),
        spool: trace.spool,
        deferred: trace.deferred,
      };
      return answerJson(reply.header("cache-control", "no-store"), 200, {
        orderId: id.value,
        status: statusOf(trace),
        recorded: trace.recorded,
        rejections: trace.rejections,
        hasMoreRejections: trace.hasMoreRejections,
        waiting,
      });
    },
  });
}

/** The queues from which orders are recorded. */
async function depthsOf(queueDepths: Tracing["queueDepths"]) {
  const depths = await queueDepths();
  return depths === undefined ? null : { "orders.intake": depths["orders.intake"], pedidos: depths.pedidos };
}

/** A rejection that was replayed is on its way again. */
function statusOf({ recorded, rejections, deferred }: StoredTrace): OrderTrace["status"] {
  if (recorded !== null) return "recorded";
  if (deferred !== null) return "waiting";
  return rejections.some(({ status }) => status !== "replayed") ? "rejected" : "unknown";
}

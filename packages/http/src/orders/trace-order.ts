import type { QueueDepths } from "@pedidos/broker";
import { OrderTrace } from "@pedidos/contract";
import { INTAKE_QUEUE, PEDIDOS_QUEUE } from "@pedidos/domain";
import type { StoredTrace } from "@pedidos/persistence";
import type { Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { ID } from "../server/read-parameters.ts";

type Tracing = {
  readonly store: Pick<Store, "traceOrder">;
  /** Undefined without a broker, or while it does not answer. */
  readonly queueDepths: () => Promise<QueueDepths | undefined>;
};

/** `GET /v1/orders/{orderId}/trace`: all that is known of an id, and if it is not recorded how much is pending. */
export function traceOrder({ store, queueDepths }: Tracing) {
  return route("GET", "/v1/orders/:orderId/trace", {
    scope: "orders:read",
    path: { orderId: ID },
    operationId: "traceOrder",
    summary: "Report what is known of an order, recorded or not",
    description:
      "If it is not recorded: its rejections, and the backlog of the queues and the spool, which may include this order. Only rejections keep the road by which an order came, and repeated submissions of the same order leave no trace.",
    tags: ["Orders"],
    response: { 200: json("All that is known; for an unknown id that is the backlog.", OrderTrace) },
    refusals: [503],
    async handle(_request, reply, answerJson, { orderId }) {
      const { spool, deferred, ...known } = await store.traceOrder(orderId);
      const waiting = spool && { queues: await depthsOf(queueDepths), spool, deferred };
      const trace = { orderId, status: statusOf({ ...known, deferred }), ...known, waiting };
      return answerJson(reply.header("cache-control", "no-store"), 200, trace);
    },
  });
}

/** The queues from which orders are recorded. */
async function depthsOf(queueDepths: Tracing["queueDepths"]) {
  const depths = await queueDepths();
  if (depths === undefined) return null;
  return {
    [INTAKE_QUEUE]: depths[INTAKE_QUEUE]?.messages ?? null,
    [PEDIDOS_QUEUE]: depths[PEDIDOS_QUEUE]?.messages ?? null,
  };
}

/** A rejection that was replayed has been submitted again. */
function statusOf({ recorded, rejections, deferred }: Omit<StoredTrace, "spool">): OrderTrace["status"] {
  if (recorded !== null) return "recorded";
  if (deferred !== null) return "waiting";
  return rejections.some(({ status }) => status !== "replayed") ? "rejected" : "unknown";
}

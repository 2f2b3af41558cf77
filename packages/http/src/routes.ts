import type { QueueDepths } from "@pedidos/broker";
import type { Readiness } from "@pedidos/contract";
import type { AcceptedOrders, Submitting } from "@pedidos/intake";
import { openHorizon } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Tracing } from "@pedidos/tracing";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Access } from "./access/open-access.ts";
import { listChanges } from "./changes/list-changes.ts";
import { openFeed } from "./changes/open-feed.ts";
import { requireHorizon } from "./changes/require-horizon.ts";
import { streamEvents } from "./changes/stream-events.ts";
import { readCustomer } from "./customers/read-customer.ts";
import { recountCustomers } from "./customers/recount-route.ts";
import { listDeadLetters } from "./dead-letters/list-dead-letters.ts";
import type { DeadLetterOperations } from "./dead-letters/operate-dead-letters.ts";
import { requeueDeadLetter } from "./dead-letters/requeue-dead-letter.ts";
import type { Store } from "./open-store.ts";
import { readLiveness, readReadiness } from "./operations/health.ts";
import { listAudit } from "./operations/list-audit.ts";
import { openOverview } from "./operations/open-overview.ts";
import { readConsuming } from "./operations/read-consuming.ts";
import { readMetrics } from "./operations/read-metrics.ts";
import { readOverview } from "./operations/read-overview.ts";
import { setConsuming } from "./operations/set-consuming.ts";
import { openManyReader } from "./orders/batch/read-many.ts";
import { listAllOrders, listCustomerOrders } from "./orders/list-orders.ts";
import { readOrder } from "./orders/read-order.ts";
import { reconcileOrders } from "./orders/reconcile-orders.ts";
import { submitBatch } from "./orders/submit-batch.ts";
import { submitOrder } from "./orders/submit-order.ts";
import { traceOrder } from "./orders/trace-order.ts";
import { discardRejection } from "./rejections/discard-rejection.ts";
import { listRejections } from "./rejections/list-rejections.ts";
import { readRejection } from "./rejections/read-rejection.ts";
import { replayRejection } from "./rejections/replay-rejection.ts";
import { refuseWithError } from "./replaced/answer-error.ts";
import { countPedidos } from "./replaced/count-pedidos.ts";
import { createPedido } from "./replaced/create-pedido.ts";
import { listPedidos } from "./replaced/list-pedidos.ts";
import { readPedido } from "./replaced/read-pedido.ts";
import type { Route } from "./route.ts";
import { refuseWithProblem } from "./server/answer.ts";
import { type Limiter, limitRequests, openLimiter } from "./server/limit-requests.ts";
import { beginSession, endSession, readSession } from "./sessions/session.ts";

export type ApiDependencies = {
  /** Takes orders in, and tells what became of them. */
  readonly submitting: Submitting;
  readonly store: Store;
  readonly access: Access;
  readonly system: System;
  /** Undefined where traces are off. */
  readonly tracing?: Tracing | undefined;
};

/** How the database and the broker are. */
export type System = {
  readonly readiness: () => Promise<Readiness>;
  /** Undefined where there is no broker, or it does not say. */
  readonly queueDepths: () => Promise<QueueDepths | undefined>;
  /** Orders that this process has made durable. */
  readonly accepted: AcceptedOrders;
  /** Undefined where there is no broker. */
  readonly deadLetters: DeadLetterOperations | undefined;
  /** What `/metrics` tells, beside the requests. */
  readonly metrics: Registry;
};

/** What routes are made from: what the process brings, and the server that they run on. */
export type RoutesOptions = ApiDependencies & {
  readonly app: FastifyInstance;
  readonly log: Log;
};

/** Every route of the API: a new one is its file and a line here. */
export function openRoutes(options: RoutesOptions): {
  readonly v1: readonly Route[];
  readonly replaced: readonly Route[];
} {
  const { submitting, store, access, system, app, log } = options;
  const { nameOf } = access;
  const readMany = openManyReader(app.stopping);
  const horizon = requireHorizon(openHorizon(store.readTransactions));
  const feed = openFeed({ horizon, list: store.listChanges, log });
  const overview = openOverview({ store, system, horizon });
  app.addHook("onReady", async () => overview.start());
  app.addHook("preClose", async () => overview.stop());
  const limiters = {
    batches: openLimiter(128, "batches"),
    streams: openLimiter(500, "streams of events"),
    exports: openLimiter(64, "exports"),
    deadLetters: openLimiter(8, "looks at the dead letters"),
    recounts: openLimiter(1, "recount"),
  };
  const limited = (limiter: Limiter, route: Route) => limitRequests(limiter, route, refuseWithProblem);
  const v1 = [
    submitOrder(submitting),
    limited(limiters.batches, submitBatch({ submitting, readMany })),
    limited(limiters.batches, reconcileOrders({ store, readMany })),
    readOrder(store),
    traceOrder({ store, queueDepths: system.queueDepths }),
    listAllOrders(store, limiters.exports),
    readCustomer(store),
    listCustomerOrders(store, limiters.exports),
    listRejections(store),
    readRejection(store),
    replayRejection({ store, nameOf }),
    discardRejection({ store, nameOf }),
    limited(limiters.deadLetters, listDeadLetters(system.deadLetters)),
    limited(limiters.deadLetters, requeueDeadLetter({ operations: system.deadLetters, nameOf })),
    readConsuming(store),
    setConsuming({ store, nameOf }),
    limited(limiters.recounts, recountCustomers({ store, horizon, stopping: app.stopping, nameOf })),
    listAudit(store),
    listChanges({ store, horizon }),
    limited(limiters.streams, streamEvents({ feed, horizon })),
    readLiveness(),
    readReadiness(system.readiness),
    readMetrics(system.metrics),
    readOverview(overview),
    readSession(access),
    beginSession(access),
    endSession(access),
  ];
  const replaced = [
    createPedido(submitting),
    readPedido(store),
    countPedidos(store),
    limitRequests(limiters.exports, listPedidos(store), refuseWithError),
  ];
  return { v1, replaced };
}

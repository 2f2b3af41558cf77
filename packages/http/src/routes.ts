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
import { streamEvents } from "./changes/stream-events.ts";
import { readCustomer } from "./customers/read-customer.ts";
import { recountCustomers } from "./customers/recount-customers.ts";
import { listDeadLetters } from "./dead-letters/list-dead-letters.ts";
import type { DeadLetterOperations } from "./dead-letters/operate-dead-letters.ts";
import { requeueDeadLetter } from "./dead-letters/requeue-dead-letter.ts";
import { EXPORT_CONNECTIONS, requireHorizon, type Store } from "./open-store.ts";
import { readConsuming, setConsuming } from "./operations/consuming.ts";
import { readLiveness, readReadiness } from "./operations/health.ts";
import { listAudit } from "./operations/list-audit.ts";
import { openOverview, readOverview } from "./operations/open-overview.ts";
import { openVolumes, readVolumes } from "./operations/open-volumes.ts";
import { readMetrics } from "./operations/read-metrics.ts";
import { openManyReader } from "./orders/batch/read-many.ts";
import { countRefused } from "./orders/count-refused.ts";
import { listAllOrders, listCustomerOrders } from "./orders/list-orders.ts";
import { readOrder } from "./orders/read-order.ts";
import { reconcileOrders } from "./orders/reconcile-orders.ts";
import { submitBatch } from "./orders/submit-batch.ts";
import { submitOrder } from "./orders/submit-order.ts";
import { traceOrder } from "./orders/trace-order.ts";
import { discardRejection, discardRejections, replayRejection } from "./rejections/close-rejection.ts";
import { countRejections } from "./rejections/count-rejections.ts";
import { listRejections, readRejection } from "./rejections/read-rejections.ts";
import { createPedido } from "./replaced/create-pedido.ts";
import { errorForm } from "./replaced/describe.ts";
import { countPedidos, listPedidos, readPedido } from "./replaced/read-pedidos.ts";
import type { Route } from "./route.ts";
import { limitFairly } from "./server/fair-queue.ts";
import { limitRequests } from "./server/limit-requests.ts";
import { beginSession, endSession, readSession } from "./sessions/session.ts";

export type ApiDependencies = {
  /** Takes orders in, and reports what became of them. */
  readonly submitting: Submitting;
  readonly store: Store;
  readonly access: Access;
  readonly system: System;
  /** Undefined if traces are off. */
  readonly tracing?: Tracing | undefined;
};

/** How the database and the broker are. */
export type System = {
  readonly readiness: () => Promise<Readiness>;
  /** Undefined without a broker, or while it does not answer. */
  readonly queueDepths: () => Promise<QueueDepths | undefined>;
  /** Whether this process records too, what it has spooled: then it is the one consumer that there is. */
  readonly isRecorder: boolean;
  /** Orders that this process has made durable. */
  readonly accepted: AcceptedOrders;
  /** Undefined if there is no broker. */
  readonly deadLetters: DeadLetterOperations | undefined;
  /** What `/metrics` reports, beside the requests. */
  readonly metrics: Registry;
};

/** Every route of the API: a new one is its file and a line here. */
export function openRoutes(app: FastifyInstance, deps: ApiDependencies, log: Log): readonly Route[] {
  const { submitting, store, access, system } = deps;
  const readMany = openManyReader(app.stopping);
  const horizon = requireHorizon(openHorizon(store.readTransactions));
  const feed = openFeed({ horizon, list: store.listChanges, log });
  const refused = countRefused(system.metrics);
  const overview = openOverview({ store, system, horizon, refused });
  app.addHook("onReady", async () => overview.start());
  app.addHook("preClose", async () => overview.stop());
  const exportLimit = limitFairly(EXPORT_CONNECTIONS);
  const replaced = [
    createPedido(submitting, refused),
    readPedido(store),
    countPedidos(store),
    limitRequests("exports", listPedidos(store, exportLimit)),
  ];
  return [
    submitOrder(submitting, refused),
    limitRequests("batches", submitBatch({ submitting, readMany, refused }), "lightBatches"),
    limitRequests("reconciliations", reconcileOrders({ store, readMany }), "lightBatches"),
    readOrder(store),
    traceOrder({ store, queueDepths: system.queueDepths }),
    listAllOrders({ store, exportLimit }),
    readCustomer(store),
    listCustomerOrders({ store, exportLimit }),
    listRejections(store),
    countRejections(store),
    readRejection(store),
    replayRejection({ store, access }),
    discardRejection(store),
    discardRejections(store),
    limitRequests("inspections", listDeadLetters(system.deadLetters)),
    limitRequests("inspections", requeueDeadLetter(system.deadLetters)),
    readConsuming(store),
    setConsuming(store),
    limitRequests("recounts", recountCustomers({ store, horizon })),
    listAudit(store),
    listChanges({ store, horizon }),
    limitRequests("streams", streamEvents({ feed, horizon })),
    ...replaced.map((route) => ({ ...route, refusalForm: errorForm })),
    readSession(access),
    beginSession(access),
    endSession(access),
    readLiveness(),
    readReadiness(system.readiness),
    readMetrics(system.metrics),
    readOverview(overview),
    readVolumes(openVolumes({ horizon, sum: store.sumPeriod })),
  ];
}

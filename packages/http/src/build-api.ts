import type { Readiness } from "@pedidos/contract";
import type { AcceptedOrders, Submitting } from "@pedidos/intake";
import type { QueueDepths } from "@pedidos/messaging";
import { openHorizon } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import Fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Access } from "./access/open-access.ts";
import { listChanges } from "./changes/list-changes.ts";
import { openFeed } from "./changes/open-feed.ts";
import { requireHorizon } from "./changes/require-horizon.ts";
import { streamEvents } from "./changes/stream-events.ts";
import { readCustomer } from "./customers/read-customer.ts";
import { recountCustomers } from "./customers/recount-route.ts";
import { listDeadLetters } from "./dead-letters/list-dead-letters.ts";
import type { DeadLetterDesk } from "./dead-letters/open-desk.ts";
import { requeueDeadLetter } from "./dead-letters/requeue-dead-letter.ts";
import type { Store } from "./open-store.ts";
import { serveDocs } from "./openapi/serve-docs.ts";
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
import { servePage } from "./page/serve-page.ts";
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
import { admit } from "./server/admit.ts";
import { type Refuse, refuseWithProblem } from "./server/answer.ts";
import { boundRequests, openRoom, type Room } from "./server/bound-requests.ts";
import { closeInOrder } from "./server/close-in-order.ts";
import { limitRate } from "./server/limit-rate.ts";
import { nameRequests } from "./server/name-requests.ts";
import { type ObserveRoute, observeRequests } from "./server/observe-requests.ts";
import { refuseClientError, refuseExpectation } from "./server/refuse-client-error.ts";
import { refuseError } from "./server/refuse-error.ts";
import { refuseUnknown } from "./server/refuse-unknown.ts";
import { openRequestMetrics } from "./server/request-metrics.ts";
import type { RequestTraces } from "./server/trace-requests.ts";
import { withoutCompilers } from "./server/without-compilers.ts";
import { beginSession, endSession, readSession } from "./sessions/session.ts";

export type ApiDependencies = {
  /** Takes orders in, and tells what became of them. */
  readonly submitting: Submitting;
  readonly store: Store;
  readonly access: Access;
  readonly system: System;
  /** Undefined where traces are off. */
  readonly traces?: RequestTraces | undefined;
};

/** How the database and the broker are. */
export type System = {
  readonly readiness: () => Promise<Readiness>;
  /** Undefined where there is no broker, or it does not say. */
  readonly queueDepths: () => Promise<QueueDepths | undefined>;
  /** Orders that this process has made durable. */
  readonly accepted: AcceptedOrders;
  /** Undefined where there is no broker. */
  readonly deadLetters: DeadLetterDesk | undefined;
  /** What `/metrics` tells, beside the requests. */
  readonly metrics: Registry;
};

/**
 * The HTTP API, not listening yet. `close()` ends it in order: waits end with 202, batches with their partial 503, what
 * is in flight is finished.
 */
export function buildApi(deps: ApiDependencies, log: Log): FastifyInstance {
  const { submitting, store, access, system, traces } = deps;
  const app = Fastify({
    // One line a request is written at its end instead, without a logger for each.
    logger: false,
    genReqId: nameRequests(),
    return503OnClosing: false,
    // A socket on which nothing moves. Waits and exports are shorter, or move.
    connectionTimeout: 120_000,
    http: {
      headersTimeout: 15_000,
      connectionsCheckingInterval: 5_000,
      // Answered with a problem document, not with Node's empty 400.
      requireHostHeader: false,
    },
    // A long id is a bad id (400), not a URI that is too long.
    routerOptions: { maxParamLength: 16_384 },
    clientErrorHandler: refuseClientError,
    ...withoutCompilers,
    frameworkErrors(error, request, reply) {
      refuseError(refuseWithProblem, log)(error, request, reply.header("x-request-id", request.id));
    },
  });
  app.server.on("checkExpectation", refuseExpectation);
  closeInOrder(app, submitting.outcomes.stop);
  // Routes read their bodies themselves: Fastify's parsing costs a tenth of an order, and has no deadline.
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true });

  const metrics = openRequestMetrics();
  const observe = observeRequests(log, metrics, traces);
  const rooms = {
    batches: openRoom(128, "batches"),
    streams: openRoom(500, "streams of events"),
    exports: openRoom(64, "exports"),
    looks: openRoom(8, "looks at the dead letters"),
    recounts: openRoom(1, "recount"),
  };
  const bounded = (room: Room, route: Route) => boundRequests(room, route, refuseWithProblem);
  const readMany = openManyReader(app.stopping);
  const horizon = requireHorizon(openHorizon(store.readTransactions));
  const feed = openFeed({ horizon, list: store.listChanges, log });
  const overview = openOverview({ store, system, horizon });
  app.addHook("onReady", async () => overview.start());
  app.addHook("preClose", async () => overview.stop());
  const v1 = [
    submitOrder(submitting),
    bounded(rooms.batches, submitBatch({ submitting, readMany })),
    bounded(rooms.batches, reconcileOrders({ store, readMany })),
    readOrder(store),
    traceOrder({ store, queueDepths: system.queueDepths }),
    listAllOrders(store, rooms.exports),
    readCustomer(store),
    listCustomerOrders(store, rooms.exports),
    listRejections(store),
    readRejection(store),
    replayRejection({ store, nameOf: access.nameOf }),
    discardRejection({ store, nameOf: access.nameOf }),
    bounded(rooms.looks, listDeadLetters(system.deadLetters)),
    bounded(rooms.looks, requeueDeadLetter({ desk: system.deadLetters, nameOf: access.nameOf })),
    readConsuming(store),
    setConsuming({ store, nameOf: access.nameOf }),
    bounded(rooms.recounts, recountCustomers({ store, horizon, stopping: app.stopping, nameOf: access.nameOf })),
    listAudit(store),
    listChanges({ store, horizon }),
    bounded(rooms.streams, streamEvents({ feed, horizon })),
    readLiveness(),
    readReadiness(system.readiness),
    readMetrics(system.metrics, metrics),
    readOverview(overview),
    readSession(access),
    beginSession(access),
    endSession(access),
  ];
  const replaced = [
    createPedido(submitting),
    readPedido(store),
    countPedidos(store),
    boundRequests(rooms.exports, listPedidos(store), refuseWithError),
  ];
  const known = [
    ...v1.map((route) => ({ ...route, refuse: refuseWithProblem })),
    ...replaced.map((route) => ({ ...route, refuse: refuseWithError })),
  ];

  limitRate(app, access);
  app.setErrorHandler(refuseError(refuseWithProblem, log, traces));
  const unknown = refuseUnknown([...known, { method: "GET", url: "/", refuse: refuseWithProblem }]);
  const tellUnknown = observe("*", "unknown");
  app.setNotFoundHandler((request, reply) => {
    reply.raw.once("close", () => tellUnknown(request, reply));
    return unknown(request, reply);
  });
  app.register(async (routes) => addRoutes(routes, v1, { access, observe, refuse: refuseWithProblem, traces }));
  app.register(async (routes) => {
    routes.setErrorHandler(refuseError(refuseWithError, log, traces));
    addRoutes(routes, replaced, { access, observe, refuse: refuseWithError, traces });
  });
  serveDocs(app, [...v1, ...replaced], (route) => observe("GET", route));
  servePage(app, (route) => observe("GET", route));
  return app;
}

type Family = {
  readonly access: Access;
  readonly observe: ObserveRoute;
  readonly refuse: Refuse;
  readonly traces: RequestTraces | undefined;
};

function addRoutes(app: FastifyInstance, routes: readonly Route[], { access, observe, refuse, traces }: Family): void {
  // First of all, so that what is refused has its span too.
  const spans = new Map(routes.filter(isTraced).map(({ method, url }) => [`${method} ${url}`, { method, url }]));
  if (traces !== undefined)
    app.addHook("onRequest", (request, _reply, done) => {
      const known = spans.get(`${request.method} ${request.routeOptions.url}`);
      if (known !== undefined) traces.begin(request.raw, known.method, known.url);
      done();
    });
  for (const { method, url, scope, handle } of routes) {
    const tell = observe(method, url);
    app.route({
      method,
      url,
      // Health is asked for by machines that must not be refused.
      config: url.startsWith("/health/") ? { rateLimit: false } : {},
      onRequest: admit(access, scope, refuse),
      onResponse(request, reply, done) {
        tell(request, reply);
        done();
      },
      handler: handle,
    });
  }
}

/** Health and metrics are asked for by machines, again and again. */
function isTraced({ scope }: Route): boolean {
  return scope !== null && scope !== "metrics:read";
}

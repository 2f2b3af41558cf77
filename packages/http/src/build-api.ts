import type { Scope } from "@pedidos/contract";
import type { Log } from "@pedidos/process";
import Fastify, { type FastifyInstance } from "fastify";
import { addressOf } from "./access/address-of.ts";
import { serveDocs } from "./openapi/serve-docs.ts";
import { servePage } from "./page/serve-page.ts";
import { isPolled, type Route } from "./route.ts";
import { type ApiDependencies, openRoutes } from "./routes.ts";
import { admitRequests, nameRequests } from "./server/admit-requests.ts";
import { PROTECTION } from "./server/answer.ts";
import { beginRequests } from "./server/begin-requests.ts";
import { limitCallers } from "./server/limit-callers.ts";
import { limitRate, type RateBucket } from "./server/limit-requests.ts";
import { beginSpan, type ObserveRoute, observeRequests } from "./server/observe-requests.ts";
import { openToOrigins } from "./server/open-to-origins.ts";
import { refuseClientError, refuseError, refuseExpectation, refuseUnknown } from "./server/refuse-errors.ts";
import { shutDownGracefully } from "./server/shut-down-gracefully.ts";
import { withoutCompilers } from "./server/without-compilers.ts";
import { withoutPrefix } from "./server/without-prefix.ts";

/**
 * The HTTP API, not listening yet. `close()` shuts it down gracefully: waits end with 202, batches with their partial
 * 503, and requests in flight are finished.
 */
export function buildApi(deps: ApiDependencies, log: Log): FastifyInstance {
  const { submitting, access, system } = deps;
  const app = Fastify({
    // One line a request is written at its end instead, without a logger for each.
    logger: false,
    trustProxy: access.trustedProxies.length > 0 && [...access.trustedProxies],
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
    ...(access.basePath !== "" && { rewriteUrl: withoutPrefix(access.basePath) }),
    frameworkErrors(error, request, reply) {
      refuseError(log)(error, request, reply.header("x-request-id", request.id).headers(PROTECTION));
    },
  });
  app.server.on("checkExpectation", refuseExpectation);
  shutDownGracefully(app, submitting.outcomes.stop);
  // Routes read their bodies themselves: Fastify's parsing costs a tenth of an order, and has no deadline.
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true });

  app.decorateRequest("actor", {
    getter() {
      return access.nameOf(this.headers.authorization) ?? null;
    },
  });
  app.decorate("access", access);
  app.decorateRequest("session", null);
  app.decorateRequest("basePath", access.basePath);
  app.decorateRequest("performedBy", {
    getter() {
      return { actor: this.actor, requestId: this.id, address: addressOf(this) };
    },
  });
  app.addHook("onRequest", beginRequests(access));
  openToOrigins(app, access.corsOrigins);
  limitCallers(app, system.metrics);
  const observe = observeRequests(log, system.metrics);
  const routes = openRoutes(app, deps, log);
  limitRate(app, access);
  app.setErrorHandler(refuseError(log));
  const unknown = refuseUnknown([...routes, { method: "GET", url: "/" }]);
  const observeUnknown = observe("*", "unknown");
  app.setNotFoundHandler((request, reply) => {
    reply.raw.once("close", () => observeUnknown(request, reply));
    return unknown(request, reply);
  });
  app.register(async (plugin) => addRoutes(plugin, routes, observe, deps));
  const isOpen = (scope: Scope) => access.check(scope, undefined) === "allowed";
  serveDocs(app, { routes, isOpen, basePath: access.basePath }, (route) => observe("GET", route));
  servePage(app, (route) => observe("GET", route));
  return app;
}

function addRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  observe: ObserveRoute,
  { access, tracing }: ApiDependencies,
): void {
  // First of all, so that a refused request has its span too.
  const spans = new Map(routes.filter(isTraced).map(({ method, url }) => [`${method} ${url}`, { method, url }]));
  if (tracing !== undefined)
    app.addHook("onRequest", (request, _reply, done) => {
      const known = spans.get(`${request.method} ${request.routeOptions.url}`);
      if (known !== undefined) beginSpan(tracing, request, known.method, known.url);
      done();
    });
  for (const route of routes) {
    const { method, url, scope, handle, refusalForm } = route;
    const observeRoute = observe(method, url);
    app.route({
      method,
      url,
      config: { refusalForm, scope, bucket: bucketOf(route), ...(isPolled(route) && { rateLimit: false }) },
      onRequest: admitRequests(access, route),
      onResponse(request, reply, done) {
        observeRoute(request, reply);
        done();
      },
      handler: handle,
    });
  }
}

/** Many requests at one of these doors take nothing from the others. */
function bucketOf({ url, scope }: Route): RateBucket {
  return url === "/v1/session" ? "sign-in" : scope === "legacy" ? "replaced" : "api";
}

/** Machines poll health and metrics. */
function isTraced({ scope }: Route): boolean {
  return scope !== null && scope !== "metrics:read";
}

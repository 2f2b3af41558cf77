import type { Tracing } from "@pedidos/tracing";
import Fastify from "fastify";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { beginSpan, endSpan, measureRequests } from "./observe-requests.ts";

test("buckets are cumulative, by route and status", async () => {
  const registry = new Registry();
  const count = measureRequests(registry)("GET", "/v1/orders/:orderId");
  count(200, 0.5);
  count(200, 3);
  count(200, 60_000);
  count(404, 3);
  const text = await registry.metrics();
  const of = (rest: string) => `http_server_request_duration_seconds_${rest}`;
  const labels = 'http_request_method="GET",http_route="/v1/orders/:orderId",http_response_status_code="200"';
  for (const line of [
    `${of("bucket")}{le="0.001",${labels}} 1`,
    `${of("bucket")}{le="0.0025",${labels}} 1`,
    `${of("bucket")}{le="0.005",${labels}} 2`,
    `${of("bucket")}{le="30",${labels}} 2`,
    `${of("bucket")}{le="+Inf",${labels}} 3`,
    `${of("count")}{${labels}} 3`,
    `${of("count")}{${labels.replace("200", "404")}} 1`,
  ])
    expect(text.split("\n")).toContain(line);
});

/** A server whose one route traces its request. Ended spans read `parent>name`, and with an error `parent>name!`. */
function serve(isSampled: boolean) {
  const ended: string[] = [];
  const tracing: Tracing = {
    start(name, { parent }) {
      const path = parent === undefined ? name : `${parent}>${name}`;
      const end = (outcome?: { readonly error?: unknown }) => void ended.push(outcome?.error ? `${path}!` : path);
      return { traceId: "trace", traceparent: isSampled ? path : undefined, end };
    },
    close: async () => {},
  };
  const app = Fastify();
  app.addHook("onRequest", async (request) => beginSpan(tracing, request, "GET", "/:status"));
  app.addHook("onResponse", async (request, reply) => endSpan(request, reply.statusCode));
  app.get<{ Params: { status: string } }>("/:status", async ({ params, span }, reply) => {
    reply.code(Number(params.status)).send({ traceId: span?.traceId, traceparent: span?.traceparent ?? null });
  });
  return { app, ended };
}

test("a request's span goes on with the trace that it names, and fails with the answer", async () => {
  const { app, ended } = serve(true);
  const first = await app.inject({ url: "/200", headers: { traceparent: "parent" } });
  expect(first.json()).toEqual({ traceId: "trace", traceparent: "parent>GET /:status" });
  await app.inject("/503");
  expect(ended).toEqual(["parent>GET /:status", "GET /:status!"]);
});

test("of a trace that is not sampled nothing travels; its id is known all the same, for the log", async () => {
  const { app } = serve(false);
  expect((await app.inject("/200")).json()).toEqual({ traceId: "trace", traceparent: null });
});

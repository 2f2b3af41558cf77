import type { Tracing } from "@pedidos/tracing";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { beginSpan, endSpan } from "./trace-requests.ts";

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

import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Tracing } from "@pedidos/tracing";
import { expect, test } from "vitest";
import { traceRequests } from "./trace-requests.ts";

/** Spans are told as `parent>name`, and with an error `parent>name!` when they end. */
function fakeTracing(isSampled = true) {
  const ended: string[] = [];
  const tracing: Tracing = {
    start(name, { parent }) {
      const path = parent === undefined ? name : `${parent}>${name}`;
      const end = (outcome?: { readonly error?: unknown }) => void ended.push(outcome?.error ? `${path}!` : path);
      return { traceId: "trace", traceparent: isSampled ? path : undefined, end };
    },
    close: async () => {},
  };
  return { ended, traces: traceRequests(tracing) };
}
const request = () => new IncomingMessage(new Socket());
const body = () => new Uint8Array(1);

test("each order takes along the context of its own request, whatever it is gathered with", async () => {
  const { traces, ended } = fakeTracing();
  const [first, second] = [request(), request()];
  const [a, b, c, untraced] = [body(), body(), body(), body()];
  traces.begin(first, "POST", "/1");
  traces.begin(second, "POST", "/2");
  traces.carry(first, [a]);
  traces.carry(second, [b, c]);
  let told: unknown;
  const road = traces.traceRoad("publish", async (_bodies, traceparents) => {
    told = traceparents;
    return "confirmed";
  });
  expect(await road([b, a, untraced, c])).toBe("confirmed");
  expect(told).toEqual(["POST /2>publish", "POST /1>publish", undefined, "POST /2>publish"]);
  // One span a request, not one an order.
  expect(ended).toEqual(["POST /2>publish", "POST /1>publish"]);
});

test("a road that fails fails its span, and still tells whoever took it", async () => {
  const { traces, ended } = fakeTracing();
  const [from, order] = [request(), body()];
  traces.begin(from, "POST", "/1");
  traces.carry(from, [order]);
  expect(await traces.traceRoad("publish", async () => "unavailable")([order])).toBe("unavailable");
  const broken = traces.traceRoad("spool", () => Promise.reject(new Error("away")));
  await expect(broken([order])).rejects.toThrow("away");
  expect(ended).toEqual(["POST /1>publish!", "POST /1>spool!"]);
});

test("of a trace that is not sampled nothing travels; its id is known all the same, for the log", async () => {
  const { traces } = fakeTracing(false);
  const [from, order] = [request(), body()];
  traces.begin(from, "POST", "/1");
  traces.carry(from, [order]);
  let told: readonly unknown[] = [];
  await traces.traceRoad("publish", async (...given) => {
    told = given;
  })([order]);
  expect(told).toEqual([[order]]);
  expect(traces.traceIdOf(from)).toBe("trace");
  expect(traces.traceIdOf(request())).toBeUndefined();
});

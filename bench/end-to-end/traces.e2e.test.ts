import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Rabbitmq, startRabbitmq } from "@pedidos/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { REPOSITORY } from "../harness/bundles.ts";
import { type CollectedSpan, startCollector } from "./collector.ts";
import { orderText, startTestSystem, type TestSystem, until } from "./start-test-system.ts";

let collector: Awaited<ReturnType<typeof startCollector>>;
let rabbitmq: Rabbitmq;
let system: TestSystem;
beforeAll(async () => {
  [collector, rabbitmq] = await Promise.all([startCollector(), startRabbitmq()]);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, LOG_LEVEL: "info" };
  system = await startTestSystem({ amqpUrl: rabbitmq.url, env });
});
afterAll(async () => {
  await system.stop();
  await rabbitmq.remove();
  collector.close();
});

/** A trace that somebody has begun elsewhere. */
function beginTrace(flags = "01") {
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-${flags}`, prefer: "wait=30" } };
}
const spansOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
const named = (spans: readonly CollectedSpan[], name: string) => spans.filter((span) => span.name === name);

/** Waits for the one span of that name in a trace. */
function span(traceId: string, name: string): Promise<CollectedSpan> {
  return until(() => {
    const [found, ...more] = named(spansOf(traceId), name);
    expect(more).toEqual([]);
    if (found === undefined) throw new Error(`no span ${name} among ${spansOf(traceId).map((one) => one.name)}`);
    return found;
  }, 20_000);
}

/** The spans of an order from its request to its announcement, each the child of the one before. */
async function chainOf(trace: { traceId: string; spanId: string }, names: readonly string[]): Promise<CollectedSpan[]> {
  const chain: CollectedSpan[] = [];
  for (const name of names) chain.push(await span(trace.traceId, name));
  expect(chain.map(({ parentSpanId }) => parentSpanId)).toEqual([
    trace.spanId,
    ...chain.slice(0, -1).map(({ spanId }) => spanId),
  ]);
  expect(chain.filter(({ failed }) => failed)).toEqual([]);
  return chain;
}

/** The span that an order's span is linked to. */
function linkedFrom(chain: readonly CollectedSpan[], name: string): Promise<CollectedSpan> {
  const [link] = chain.find((one) => one.name === name)?.links ?? [];
  return until(() => {
    const found = collector.spans.find(({ spanId }) => spanId === link?.spanId);
    if (found === undefined) throw new Error(`what ${name} is linked to has not come`);
    return found;
  }, 20_000);
}

test("an order by HTTP and the broker: one trace from the request to the announcement, linked to its batch", async () => {
  const channel = await system.channel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "orders.events", "order.recorded");
  const trace = beginTrace();
  expect((await system.post("/v1/orders", orderText(1), trace.headers)).status).toBe(201);
  const chain = await chainOf(trace, ["POST /v1/orders", "publish orders.intake", "record order", "announce order"]);
  expect(chain.map(({ service }) => service)).toEqual([
    "pedidos-api",
    "pedidos-api",
    "pedidos-consumer",
    "pedidos-consumer",
  ]);
  const batch = await linkedFrom(chain, "record order");
  expect(batch.name).toBe("record batch");
  expect(batch.links).toContainEqual({ traceId: trace.traceId, spanId: chain[1]?.spanId });
  const announcing = await linkedFrom(chain, "announce order");
  expect(announcing).toMatchObject({ name: "announce batch", parentSpanId: batch.spanId });
  const event = await until(async () => {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) throw new Error("no announcement yet");
    return message;
  });
  expect(event.properties.headers?.traceparent).toBe(`00-${announcing.traceId}-${announcing.spanId}-01`);
  // The request's id finds its trace.
  const line =
    system.apps.api
      .output()
      .split("\n")
      .find((text) => text.includes(trace.traceId)) ?? "{}";
  expect(JSON.parse(line)).toMatchObject({ msg: "request", route: "/v1/orders", traceId: trace.traceId });
  expect(JSON.parse(line).id).toBeTypeOf("string");
});

test("orders of many requests share messages and batches, and each stays in its own trace", async () => {
  const traces = Array.from({ length: 60 }, () => beginTrace());
  const answers = await Promise.all(
    traces.map(({ headers }, index) => system.post("/v1/orders", orderText(100 + index), headers)),
  );
  expect(answers.map(({ status }) => status)).toEqual(traces.map(() => 201));
  for (const trace of traces)
    await chainOf(trace, ["POST /v1/orders", "publish orders.intake", "record order", "announce order"]);
  const batches = named(collector.spans, "record batch");
  expect(Math.max(...batches.map(({ links }) => links.length))).toBeGreaterThan(1);
});

test("the lines of a batch are in the trace of its request", async () => {
  const trace = beginTrace();
  const lines = Array.from({ length: 150 }, (_, index) => orderText(1_000 + index));
  const headers = { ...trace.headers, "content-type": "application/x-ndjson" };
  expect((await system.post("/v1/orders/batch", lines.join("\n"), headers)).status).toBe(200);
  // Three messages of at most 64 orders.
  await until(() => {
    expect(named(spansOf(trace.traceId), "publish orders.intake")).toHaveLength(3);
    const parents = new Set(named(spansOf(trace.traceId), "record order").map(({ parentSpanId }) => parentSpanId));
    expect(parents).toEqual(
      new Set(named(spansOf(trace.traceId), "publish orders.intake").map(({ spanId }) => spanId)),
    );
  }, 20_000);
  const request = await span(trace.traceId, "POST /v1/orders/batch");
  for (const { parentSpanId } of named(spansOf(trace.traceId), "publish orders.intake"))
    expect(parentSpanId).toBe(request.spanId);
});

test("a trace that its sender does not sample leaves nothing", async () => {
  const [unsampled, after] = [beginTrace("00"), beginTrace()];
  expect((await system.post("/v1/orders", orderText(2), unsampled.headers)).status).toBe(201);
  expect((await system.post("/v1/orders", orderText(3), after.headers)).status).toBe(201);
  await span(after.traceId, "announce order");
  expect(spansOf(unsampled.traceId)).toEqual([]);
});

test("with the broker away the trace goes on by the spool", async () => {
  await rabbitmq.stop();
  await until(async () => expect((await system.readiness())[0].body.status).toBe("degraded"));
  const trace = beginTrace();
  expect((await system.post("/v1/orders", orderText(4), trace.headers)).status).toBe(201);
  const chain = await chainOf(trace, ["POST /v1/orders", "spool", "record order"]);
  expect((await linkedFrom(chain, "record order")).links).toEqual([
    { traceId: trace.traceId, spanId: chain[1]?.spanId },
  ]);
});

test.each(["api", "consumer", "standalone"])("%s: OpenTelemetry is in a file of its own, for when it is on", (app) => {
  const read = (file: string) => readFileSync(join(REPOSITORY, "apps", app, "dist", file), "utf8");
  expect(read("main.bundle.js")).not.toContain("SpanProcessor");
  expect(read("tracing.js")).toContain("SpanProcessor");
});

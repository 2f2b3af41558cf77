import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readSettings } from "@pedidos/process";
import { expect, onTestFinished, test, vi } from "vitest";
import { openTracing } from "./open-tracing.ts";
import { tracingSettings } from "./settings.ts";

function settingsOf(environment: Record<string, string>) {
  const read = readSettings(environment, tracingSettings);
  if (read.kind === "problems") throw new Error(read.problems.join("\n"));
  return read.settings;
}
const log = { warn: vi.fn() };

test.each([[{}], [{ OTEL_TRACES_EXPORTER: "none", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }]])(
  "%j: off",
  async (environment) => {
    expect(await openTracing(settingsOf(environment), "test", log)).toBeUndefined();
  },
);

test.each([
  [{ OTEL_TRACES_EXPORTER: "jaeger" }, "jaeger"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" }, "OTEL_EXPORTER_OTLP_ENDPOINT is no http"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://user:pass@collector:4318" }, "OTEL_EXPORTER_OTLP_ENDPOINT holds a user or"],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "user:pass@collector" }, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no http"],
  [{ OTEL_TRACES_SAMPLER_ARG: "50" }, "0 to 1"],
])("%j is a bad setting", (environment, told) => {
  expect(() => settingsOf(environment)).toThrow(told);
});

/** A collector on a port of its own, which the SDK finds by the environment. → what came, once tracing is closed. */
async function collect(environment: Record<string, string>) {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.close();
    vi.unstubAllEnvs();
  });
  const { port }: Partial<AddressInfo> = Object(server.address());
  const all = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, ...environment };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  const tracing = await openTracing(settingsOf(all), "pedidos-test", log);
  if (tracing === undefined) throw new Error("tracing is off");
  return { tracing, bodies };
}
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("a span goes on with its parent's trace, and is sent with its links", async () => {
  const { tracing, bodies } = await collect({});
  const span = tracing.start("work", { kind: "server", parent: PARENT, links: [PARENT, "nonsense"] });
  expect(span.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  expect(span.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad)[0-9a-f]{16}-01$/);
  span.end({ error: new Error("broken") });
  await tracing.close();
  const text = bodies.join();
  for (const part of ["pedidos-test", '"name":"work"', "b7ad6b7169203331", "broken"]) expect(text).toContain(part);
  // Once as its parent, once as its link.
  expect(text.match(/b7ad6b7169203331/g)).toHaveLength(2);
});

test("a trace that is not sampled passes nothing on, and is not sent", async () => {
  const { tracing, bodies } = await collect({ OTEL_TRACES_SAMPLER: "parentbased_always_off" });
  const root = tracing.start("root", { kind: "server" });
  expect(root.traceparent).toBeUndefined();
  root.end();
  expect(tracing.start("child", { kind: "server", parent: PARENT }).traceparent).toBeDefined();
  const unsampled = PARENT.replace(/01$/, "00");
  expect(tracing.start("child", { kind: "server", parent: unsampled }).traceparent).toBeUndefined();
  await tracing.close();
  expect(bodies).toEqual([]);
});

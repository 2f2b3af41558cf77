import { createServer } from "node:http";
import { findFreePort } from "@pedidos/testing";

/** A span as OTLP's JSON has it. */
export type CollectedSpan = {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly failed: boolean;
};

type Json = Record<string, unknown>;
const object = (value: unknown): Json => (typeof value === "object" && value !== null ? { ...value } : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);

/** A collector of traces in this process: takes OTLP over HTTP, keeps every span. */
export async function startCollector() {
  const spans: CollectedSpan[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.url === "/v1/traces") spans.push(...list(object(JSON.parse(body)).resourceSpans).flatMap(spansOf));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  const port = await findFreePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function spansOf({ resource, scopeSpans }: Json): CollectedSpan[] {
  const name = list(object(resource).attributes).find(({ key }) => key === "service.name");
  const service = String(object(name?.value).stringValue);
  return list(scopeSpans)
    .flatMap(({ spans }) => list(spans))
    .map((span) => ({
      service,
      traceId: String(span.traceId),
      spanId: String(span.spanId),
      parentSpanId: String(span.parentSpanId ?? ""),
      name: String(span.name),
      links: list(span.links).map((link) => ({ traceId: String(link.traceId), spanId: String(link.spanId) })),
      failed: object(span.status).code === 2,
    }));
}

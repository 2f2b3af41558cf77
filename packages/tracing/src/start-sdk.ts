import {
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Log } from "@pedidos/process";
import type { SamplerName } from "./settings.ts";
import type { Span, Tracing } from "./tracing.ts";

export type SdkOptions = {
  readonly name: string;
  readonly sampler: { readonly name: SamplerName; readonly ratio: number };
  readonly log: Pick<Log, "warn">;
};

const SEND_EVERY_MS = 1_000;
const SEND_LIMIT_MS = 2_000;
const REPORT_EVERY_MS = 60_000;
const KINDS = {
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** Starts OpenTelemetry's SDK. At most 2048 spans are pending; spans that the collector does not take are dropped. */
export function startSdk({ name, sampler, log }: SdkOptions): Tracing {
  reportFailures(log);
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": name }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(sampler),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        scheduledDelayMillis: SEND_EVERY_MS,
        exportTimeoutMillis: SEND_LIMIT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer("pedidos");
  return {
    start(spanName, { kind, parent, links = [], attributes = {} }) {
      const remote = parent === undefined ? undefined : parseTraceparent(parent);
      const context = remote === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote);
      const linked = links.map(parseTraceparent).filter((link) => link !== undefined);
      const options = { kind: KINDS[kind], attributes, links: linked.map((link) => ({ context: link })) };
      return toSpan(tracer.startSpan(spanName, options, context));
    },
    async close() {
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, SEND_LIMIT_MS);
      await Promise.race([provider.shutdown().catch(() => {}), timer.promise]);
      clearTimeout(timeout);
    },
  };
}

function toSpan(span: ReturnType<ReturnType<TracerProvider["getTracer"]>["startSpan"]>): Span {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    traceparent: span.isRecording() ? `00-${traceId}-${spanId}-01` : undefined,
    end({ error, attributes } = {}) {
      if (attributes !== undefined) span.setAttributes(attributes);
      if (error !== undefined)
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      span.end();
    },
  };
}

/** Parses W3C Trace Context, level 1: the first four fields of a later version are read like those of version 00. */
function parseTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] =
    /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function samplerOf({ name, ratio }: SdkOptions["sampler"]): Sampler {
  const roots: Readonly<Record<string, Sampler>> = {
    always_on: new AlwaysOnSampler(),
    always_off: new AlwaysOffSampler(),
    traceidratio: new TraceIdRatioBasedSampler(ratio),
  };
  const root = roots[name.replace("parentbased_", "")] ?? new AlwaysOnSampler();
  return name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

/** Logs that the collector is away, at most once a minute. */
function reportFailures(log: Pick<Log, "warn">): void {
  let notBefore = 0;
  const report = (message: string) => {
    if (performance.now() < notBefore) return;
    notBefore = performance.now() + REPORT_EVERY_MS;
    log.warn({ detail: message.slice(0, 500) }, "traces can't be sent; they are dropped");
  };
  const quiet = () => {};
  diag.setLogger(
    { error: report, warn: report, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

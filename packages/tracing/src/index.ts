export { openTracing } from "./open-tracing.ts";
export { tracingSettings } from "./settings.ts";
export type { Span, SpanOptions, Tracing } from "./tracing.ts";

import { type Setting, settings } from "@pedidos/process";

const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof samplers)[number];

const endpoint: Setting<string> = {
  doc: "the OpenTelemetry collector that takes traces, http://host:4318 (OTLP over HTTP); unset: no traces",
  parse: (text) =>
    URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
      ? { value: text }
      : { problem: "is no http:// or https:// URL" },
};

const ratio: Setting<number> = {
  doc: "the part of all traces that a sampler by ratio takes, 0 to 1",
  default: "1",
  parse: (text) =>
    /^(0|1|0?\.\d+|1\.0+)$/.test(text)
      ? { value: Number(text) }
      : { problem: `is ${JSON.stringify(text)}, not a number from 0 to 1` },
};

/** By OpenTelemetry's names. The exporter itself reads the other variables that begin with OTEL_EXPORTER_OTLP_. */
export const tracingSettings = {
  OTEL_TRACES_EXPORTER: settings.optional(
    settings.oneOf("whether traces are sent; by default where there is an endpoint", ["otlp", "none"], "none"),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: settings.optional(endpoint),
  OTEL_TRACES_SAMPLER: settings.oneOf("which traces are taken", samplers, "parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: ratio,
};

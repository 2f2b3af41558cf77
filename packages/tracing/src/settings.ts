import { httpUrlRules, type Setting, settings } from "@pedidos/process";

const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof samplers)[number];

/** The exporter logs a URL that it can't read, so the URL may hold no password. */
function endpoint(doc: string): Setting<string> {
  return { ...settings.url(doc, httpUrlRules), secret: false };
}

const ratio = settings.expecting(
  "the part of all traces that a sampler by ratio takes, 0 to 1",
  "a number from 0 to 1",
  (text) => (/^(0|1|0?\.\d+|1\.0+)$/.test(text) ? Number(text) : undefined),
  "1",
);

/** Under OpenTelemetry's names. The exporter itself reads the other variables that begin with OTEL_EXPORTER_OTLP_. */
export const tracingSettings = {
  OTEL_TRACES_EXPORTER: settings.optional(
    settings.oneOf("whether traces are sent; by default if an endpoint is set", ["otlp", "none"], "none"),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: settings.optional(
    endpoint(
      "the OpenTelemetry collector that takes traces, http://host:4318 (OTLP over HTTP; what it asks for goes in OTEL_EXPORTER_OTLP_HEADERS); unset: no traces",
    ),
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: settings.optional(
    endpoint("the same in full, http://host:4318/v1/traces, which the exporter prefers"),
  ),
  OTEL_TRACES_SAMPLER: settings.oneOf("which traces are taken", samplers, "parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: ratio,
};

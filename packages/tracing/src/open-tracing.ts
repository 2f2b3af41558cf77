import type { Log, Settings } from "@pedidos/process";
import type { tracingSettings } from "./settings.ts";
import type { Tracing } from "./tracing.ts";

/**
 * → starts spans; undefined if traces are off, and then nothing of OpenTelemetry is loaded.
 *
 * @param name of the service, unless OTEL_SERVICE_NAME gives another
 */
export async function openTracing(
  settings: Settings<typeof tracingSettings>,
  name: string,
  log: Pick<Log, "warn">,
): Promise<Tracing | undefined> {
  const { OTEL_TRACES_EXPORTER: exporter, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = settings;
  if ((exporter ?? (endpoint === undefined ? "none" : "otlp")) === "none") return undefined;
  const { startSdk } = await import("./start-sdk.ts");
  const sampler = { name: settings.OTEL_TRACES_SAMPLER, ratio: settings.OTEL_TRACES_SAMPLER_ARG };
  return startSdk({ name, sampler, log });
}

export { openParts } from "./open-parts.ts";
export { openRecorder, type Recorder, type RecorderOptions } from "./open-recorder.ts";
export { RULES, type Rules } from "./protocol.ts";
export { type Invocation, recordEvent } from "./record-event.ts";
export { openRecorderMetrics, type RecorderMetrics } from "./recorder-metrics.ts";
export { type OversizedRow, openRecorderStore, type RecorderStore } from "./recorder-store.ts";
export { serveHealth } from "./serve-health.ts";
export { consumerSettings, PEDIDOS_QUEUE } from "./settings.ts";

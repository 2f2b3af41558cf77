export { openRecorder, type Recorder, type RecorderOptions } from "./open-recorder.ts";
export { openRecorderMetrics, type RecorderMetrics } from "./recorder-metrics.ts";
export { openRecorderStore, type RecorderStore } from "./recorder-store.ts";
export { consumerSettings, PEDIDOS_QUEUE } from "./settings.ts";

export { type ConsumerOptions, openConsumer } from "./open-consumer.ts";
export { openRecorder, type Recorder, type RecorderOptions } from "./open-recorder.ts";
export { RULES, type Rules } from "./protocol.ts";
export { openRecorderMetrics, type RecorderMetrics } from "./recorder-metrics.ts";
export { openRecorderStore, type RecorderStore } from "./recorder-store.ts";

export { openRecorderMetrics, type RecorderMetrics } from "./batches/recorder-metrics.ts";
export { type ConsumerOptions, openConsumer } from "./open-consumer.ts";
export { openRecorder, type Recorder, type RecorderOptions } from "./open-recorder.ts";
export { RULES, type Rules } from "./protocol/protocol.ts";

import { setTimeout as wait } from "node:timers/promises";
import type { RecordingBroker } from "@pedidos/broker";
import { openEventConsumer } from "@pedidos/messaging";
import type { RecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { openRecorder } from "@pedidos/recording";

export type RecordEventDeps = {
  readonly store: RecorderStore;
  /** What it delivers itself is left alone: an event brings the messages. */
  readonly broker: RecordingBroker;
  readonly log: Log;
};

/** What AWS Lambda reports of an invocation. */
export type Invocation = { readonly getRemainingTimeInMillis: () => number };

/** How long an event without messages records what is pending. */
const WORK_OFF_MS = 20_000;
/** What is kept of an invocation's time, so that it shuts down gracefully and is not killed: that would count as a try. */
const ENDING_MS = 8_000;

/**
 * The consumer as a function of events. Each invocation opens the recorder and stops it, so that nothing is in flight
 * while the process is frozen between two of them; the connections stay.
 *
 * @throws if a message of the event could not be settled: the sender delivers the whole event again, and what was
 * recorded of it is recognised.
 */
export function recordEvent({ store, broker, log }: RecordEventDeps) {
  const kept = { ...broker, close: async () => {} };
  return async (event: unknown, { getRemainingTimeInMillis }: Invocation): Promise<void> => {
    const { messages, consume, settled } = openEventConsumer(event);
    const timeMs = Math.max(getRemainingTimeInMillis() - ENDING_MS, 0);
    const recorder = openRecorder({ store, broker: { ...kept, consume }, log });
    try {
      if (messages === 0) await wait(Math.min(WORK_OFF_MS, timeMs));
      else await Promise.race([settled, recorder.paused().then(handBack(messages)), outOfTime(messages, timeMs)]);
    } finally {
      await recorder.stop();
    }
  };
}

/** The sender delivers them again; until then none of them is recorded. */
function handBack(messages: number) {
  return (): never => {
    throw new Error(`consuming is paused: ${messages} messages are handed back`);
  };
}

async function outOfTime(messages: number, timeMs: number): Promise<never> {
  await wait(timeMs, undefined, { ref: false });
  throw new Error(
    `${messages} messages could not all be recorded within the ${timeMs} ms that the function's time leaves`,
  );
}

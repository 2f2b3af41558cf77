import { setTimeout as wait } from "node:timers/promises";
import type { RecordingBroker } from "@pedidos/broker";
import type { IncomingOrder } from "@pedidos/domain";
import type { Failure, RecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Tracing } from "@pedidos/tracing";
import { openAnnouncer } from "./announcing/announcer.ts";
import { classifyWith, type LinesOptions, openRecordLines } from "./batches/record-lines.ts";
import { openRecorderMetrics, type RecorderMetrics } from "./batches/recorder-metrics.ts";
import { openRecordingQueue } from "./batches/recording-queue.ts";
import { traceBatch } from "./batches/trace-batch.ts";
import type { Line } from "./lines/line.ts";
import { openOversized } from "./lines/oversized.ts";
import { takeDeliveries } from "./lines/take-deliveries.ts";
import { openProtocol } from "./protocol/open-protocol.ts";
import { performEffects } from "./protocol/perform-effects.ts";
import type { Rules } from "./protocol/protocol.ts";
import { repeat } from "./repeat.ts";
import { awaitCapacity, spoolAndRecord } from "./spool/spool-and-record.ts";
import { startSpoolLoop } from "./spool/spool-loop.ts";

export type RecorderOptions = {
  readonly store: RecorderStore;
  /** Undefined in the standalone, whose only queue is the spool. */
  readonly broker: RecordingBroker | undefined;
  readonly metrics?: RecorderMetrics;
  /** Undefined if traces are off. */
  readonly tracing?: Tracing | undefined;
  /** What a broken variant changes. */
  readonly rules?: Rules;
  readonly log: Log;
};

export type Recorder = {
  /** Takes orders into the spool; when this resolves they are durable, and will be recorded. */
  readonly spool: (orders: readonly IncomingOrder[]) => Promise<void>;
  /** Resolves when more may be spooled by callers that can wait: see {@link awaitCapacity}. */
  readonly awaitCapacity: () => Promise<void>;
  readonly status: () => { readonly broker?: "up" | "down"; readonly database: "up" | "down" };
  /** Resolves when it has begun, or is paused; or the database did not say which. */
  readonly begun: Promise<void>;
  /** Whether it records nothing, as somebody has paused consuming. */
  readonly isPaused: () => boolean;
  /** Resolves when it is paused. */
  readonly paused: () => Promise<void>;
  /** Takes no more, finishes what is in flight, and closes its broker connections. */
  readonly stop: () => Promise<void>;
};

/** Lines that are not finished by then are handed back: the broker and the spool still hold them. */
const STOP_LIMIT_MS = 6_000;
const BATCH = { maxLines: 500, maxBytes: 2 * 1024 * 1024 };
const READ_PAUSE_EVERY_MS = 1_000;

/**
 * The consumer without its process: takes what has arrived at the broker and in the spool, records it, acknowledges
 * it, announces it.
 */
export function openRecorder({ store, broker, log, ...options }: RecorderOptions): Recorder {
  const { metrics = openRecorderMetrics(), tracing } = options;
  const classify = classifyWith(store.classify);
  const protocol = openProtocol(options.rules);
  const mayWrite = () => protocol.state().outage === undefined;
  const announcer = openAnnouncer({ store, broker, mayWrite, log });

  let probing: Promise<void> | undefined;
  /** Calls during a probe share it. */
  function probe(): Promise<void> {
    probing ??= store.probe().finally(() => {
      probing = undefined;
    });
    return probing;
  }

  const recordLines = openRecordLines({
    store,
    record: (submissions, limits) =>
      announcer.deleteWith(async (announced) => {
        const start = performance.now();
        const batch = await store.record(submissions, announced, limits);
        metrics.batchRecorded(batch.outcomes, (performance.now() - start) / 1_000);
        return batch;
      }),
    canRecord: () =>
      probe().then(
        () => true,
        () => false,
      ),
    log,
  });

  function reportFailure(failure: Failure): void {
    protocol.report({ kind: "call_failed", lines: [], failure });
  }

  async function record(lines: readonly Line[], lineOptions?: LinesOptions): Promise<void> {
    const trace = tracing && traceBatch(tracing, lines);
    try {
      const { announcements, bug } = await recordLines(lines, lineOptions);
      trace?.end({});
      for (const announcement of announcements) announcer.announce(announcement, trace);
      if (bug !== undefined) reportFailure(bug);
    } catch (error) {
      trace?.end({ error });
      throw error;
    }
    metrics.linesSettled(lines);
  }

  const queue = openRecordingQueue({ ...BATCH, protocol, record, classify });
  const spoolLoop = startSpoolLoop({ ...BATCH, store: { ...store, classify }, protocol, queue, record });
  const spooling = { store, queue, spoolLoop, protocol };
  const oversized = broker && openOversized({ store, broker, mayWrite, log });
  const deliveries = oversized && takeDeliveries({ ...BATCH, store, queue, protocol, setAside: oversized.setAside });
  const consumer =
    deliveries &&
    broker?.consume((delivery) => {
      if (delivery.redelivered) metrics.redelivered();
      deliveries.take(delivery);
    });
  // Until it is known whether it may.
  void consumer?.hold(true);
  const forgetPending = () => {
    deliveries?.forget();
    return queue.clear();
  };
  const effects = performEffects(protocol, { store, probe, forgetPending, consumer, log });

  /** Reads whether somebody has paused consuming. While the database does not answer, its last answer holds. */
  async function readPause(): Promise<void> {
    const isPaused = await store.isPaused();
    const wasPaused = protocol.state().isPaused;
    protocol.report({ kind: "pause_read", isPaused });
    if (isPaused === wasPaused) return;
    log.info(isPaused ? "consuming is paused" : "consuming");
    metrics.paused(isPaused);
    void consumer?.hold(isPaused);
  }

  const onPauseUnread = (error: unknown) => reportFailure(classify(error));
  const firstPauseRead = readPause().catch(onPauseUnread);
  const pauseReads = repeat(READ_PAUSE_EVERY_MS, readPause, onPauseUnread);

  return {
    spool: (orders) => spoolAndRecord(spooling, orders),
    awaitCapacity: () => awaitCapacity(spooling),
    begun: firstPauseRead,
    isPaused: () => protocol.state().isPaused === true,
    paused: () => protocol.until(({ isPaused }) => isPaused === true),
    status: () => ({
      // It consumes, and what it publishes is confirmed; an alarm stops only the latter.
      ...(consumer && { broker: broker?.status() === "down" ? "down" : consumer.status() }),
      database: mayWrite() ? "up" : "down",
    }),
    async stop() {
      const orderly = async () => {
        protocol.report({ kind: "stopping" });
        await consumer?.cancel();
        await Promise.all([firstPauseRead, pauseReads.stop(), spoolLoop.stop()]);
        const settled = Promise.all([queue.drained(), deliveries?.spooled()]);
        await Promise.race([settled, protocol.until(({ outage }) => outage !== undefined)]);
        effects.stop();
        await oversized?.stop();
        await announcer.stop();
      };
      await Promise.race([orderly(), wait(STOP_LIMIT_MS, undefined, { ref: false })]);
      await consumer?.close();
      await broker?.close();
    },
  };
}

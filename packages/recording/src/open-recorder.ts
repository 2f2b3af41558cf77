import { setTimeout as wait } from "node:timers/promises";
import type { RecordingBroker } from "@pedidos/broker";
import type { IncomingOrder } from "@pedidos/domain";
import type { RecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Tracing } from "@pedidos/tracing";
import { Registry } from "prom-client";
import { openAnnouncer } from "./announcing/announcer.ts";
import type { RecordBatchDeps } from "./batches/record-batch.ts";
import { classifyWith, type LinesOptions, openRecordLines } from "./batches/record-lines.ts";
import { openRecorderMetrics, type RecorderMetrics } from "./batches/recorder-metrics.ts";
import { openRecordingQueue } from "./batches/recording-queue.ts";
import { traceBatch } from "./batches/trace-batch.ts";
import { startConsumingSwitch } from "./consuming-switch.ts";
import type { Line } from "./lines/line.ts";
import { openOversized } from "./lines/oversized.ts";
import { takeDeliveries } from "./lines/take-deliveries.ts";
import { toPoison, toSubmission } from "./lines/to-submission.ts";
import { openProtocol } from "./protocol/open-protocol.ts";
import { performEffects } from "./protocol/perform-effects.ts";
import type { Rules } from "./protocol/protocol.ts";
import { shareWhileUnderWay } from "./share-while-under-way.ts";
import { awaitRoom, spoolAndRecord } from "./spool/spool-and-record.ts";
import { startSpoolLoop } from "./spool/spool-loop.ts";

export type RecorderOptions = {
  readonly store: RecorderStore;
  /** Undefined in the standalone, whose only queue is the spool. */
  readonly broker: RecordingBroker | undefined;
  readonly metrics?: RecorderMetrics;
  /** Undefined where traces are off. */
  readonly tracing?: Tracing | undefined;
  /** What a broken variant changes. */
  readonly rules?: Rules;
  readonly log: Log;
};

export type Recorder = {
  /** Takes orders into the spool; when this resolves they are durable, and on their way. */
  readonly spool: (orders: readonly IncomingOrder[]) => Promise<void>;
  /** Resolves when more may be spooled by who can wait: see {@link awaitRoom}. */
  readonly room: () => Promise<void>;
  readonly status: () => { readonly broker?: "up" | "down"; readonly database: "up" | "down" };
  /** Whether it records nothing, as somebody has told all consumers. */
  readonly isPaused: () => boolean;
  /** Resolves when it is paused. */
  readonly paused: () => Promise<void>;
  /** Takes no more, finishes what is in hand, and closes its broker connections. */
  readonly stop: () => Promise<void>;
};

/** What is not finished by then is handed back: the broker and the spool still hold it. */
const STOP_LIMIT_MS = 6_000;
const BATCH = { maxLines: 500, maxBytes: 2 * 1024 * 1024 };

/**
 * The consumer without its process: takes what has arrived at the broker and in the spool, records it, acknowledges
 * it, announces it.
 */
export function openRecorder({ store, broker, log, ...options }: RecorderOptions): Recorder {
  const { metrics = openRecorderMetrics(new Registry()), tracing } = options;
  const classify = classifyWith(store.classify);
  const mayWrite = () => protocol.state().outage === undefined;
  const announcer = openAnnouncer({ store, broker, mayWrite, log });

  const probe = shareWhileUnderWay(store.probe);
  const canRecord = () =>
    probe().then(
      () => true,
      () => false,
    );
  const recordLines = openRecordLines({ store, record: recordAndAnnounce, canRecord, log });

  async function recordAndAnnounce(...[submissions, limits]: Parameters<RecordBatchDeps["record"]>) {
    const announced = announcer.takeAnnounced();
    const start = performance.now();
    try {
      const batch = await store.record(submissions, announced, limits);
      metrics.batchRecorded(batch.outcomes, (performance.now() - start) / 1_000);
      return batch;
    } catch (error) {
      announcer.giveBack(announced);
      throw error;
    }
  }

  async function record(lines: readonly Line[], lineOptions?: LinesOptions): Promise<void> {
    const trace = tracing && traceBatch(tracing, lines);
    try {
      const { announcements, bug } = await recordLines(lines, lineOptions);
      trace?.recorded();
      for (const announcement of announcements) announcer.announce(announcement, trace);
      if (bug !== undefined) protocol.report({ kind: "call_failed", lines: [], failure: bug });
    } catch (error) {
      trace?.failed(error);
      throw error;
    }
    metrics.linesSettled(lines);
  }

  const protocol = openProtocol(options.rules);
  const queue = openRecordingQueue({ ...BATCH, protocol, record, classify });
  const consuming = startConsumingSwitch({
    isPaused: store.isPaused,
    onRead: (isPaused) => protocol.report({ kind: "pause_read", isPaused }),
    onChange(paused) {
      log.info(paused ? "consuming is paused" : "consuming");
      metrics.paused(paused);
      void consumer?.hold(paused);
    },
    onError: (error) => protocol.report({ kind: "call_failed", lines: [], failure: classify(error) }),
  });
  const spoolLoop = startSpoolLoop({
    store: { ...store, classify },
    protocol,
    queue,
    recordApart: (lines) => record(lines, { apart: true }),
    recordAlone: (line, { poison }) =>
      record([line], { apart: true, isSuspect: true, read: poison ? toPoison : toSubmission }),
  });
  const oversized = broker && openOversized({ store, broker, mayWrite, log });
  const deliveries = oversized && takeDeliveries({ store, queue, protocol, setAside: oversized.setAside });
  const effects = performEffects(protocol, {
    store,
    probe,
    forgetWaiting() {
      deliveries?.forget();
      return queue.clear();
    },
    broker: { pause: async () => consumer?.pause(), resume: () => consumer?.resume() },
    log,
  });
  const consumer =
    deliveries &&
    broker?.consume((delivery) => {
      if (delivery.redelivered) metrics.redelivered();
      deliveries.take(delivery);
    });
  // Until it is known whether it may.
  void consumer?.hold(true);

  return {
    spool: (orders) => spoolAndRecord({ store, queue, spoolLoop, protocol }, orders),
    room: () => awaitRoom({ queue, spoolLoop, protocol }),
    isPaused: () => protocol.state().isPaused === true,
    paused: () => protocol.until(({ isPaused }) => isPaused === true),
    status: () => ({
      // It consumes, and what it publishes is confirmed; an alarm stops only the latter.
      ...(consumer && { broker: broker?.status() === "down" ? "down" : consumer.status() }),
      database: protocol.state().outage === undefined ? "up" : "down",
    }),
    async stop() {
      const orderly = async () => {
        protocol.report({ kind: "stopping" });
        await consumer?.cancel();
        await Promise.all([consuming.stop(), spoolLoop.stop()]);
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

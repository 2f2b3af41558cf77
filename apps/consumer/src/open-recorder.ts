import { setTimeout as wait } from "node:timers/promises";
import type { BrokerConsumer, Delivery, Publisher } from "@pedidos/messaging";
import type { SpooledBody } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Tracing } from "@pedidos/tracing";
import { Registry } from "prom-client";
import { createAnnouncer } from "./announcer.ts";
import { startConsumingSwitch } from "./consuming-switch.ts";
import type { Line } from "./line.ts";
import { createOutage } from "./outage.ts";
import { openOversized } from "./oversized.ts";
import { recordBatch } from "./record-batch.ts";
import { openRecorderMetrics, type RecorderMetrics } from "./recorder-metrics.ts";
import type { RecorderStore } from "./recorder-store.ts";
import { createRecordingQueue } from "./recording-queue.ts";
import { awaitRoom, spoolAndRecord } from "./spool-and-record.ts";
import { startSpoolLoop } from "./spool-loop.ts";
import { takeDeliveries } from "./take-deliveries.ts";
import { toPoison, toSubmission } from "./to-submission.ts";
import { traceBatch } from "./trace-batch.ts";

export type RecorderOptions = {
  readonly store: RecorderStore;
  /** Undefined in the standalone, whose only queue is the spool. */
  readonly broker:
    | {
        readonly publisher: Publisher;
        readonly consume: (onDelivery: (delivery: Delivery) => void) => BrokerConsumer;
      }
    | undefined;
  readonly metrics?: RecorderMetrics;
  /** Undefined where traces are off. */
  readonly tracing?: Tracing | undefined;
  readonly log: Log;
};

export type Recorder = {
  /** Takes orders into the spool; when this resolves they are durable, and on their way. */
  readonly spool: (rows: readonly SpooledBody[]) => Promise<void>;
  /** Resolves when more may be spooled by who can wait: see {@link awaitRoom}. */
  readonly room: () => Promise<void>;
  readonly status: () => { readonly broker?: "up" | "down"; readonly database: "up" | "down" };
  /** Whether it records nothing, as somebody has told all consumers. */
  readonly isPaused: () => boolean;
  /** Takes no more, finishes what is in hand, and closes its broker connections. */
  readonly stop: () => Promise<void>;
};

/** What is not finished by then is handed back: the broker and the spool still hold it. */
const STOP_LIMIT_MS = 7_000;
const BATCH = { maxLines: 500, maxBytes: 2 * 1024 * 1024 };

/**
 * The consumer without its process: takes what has arrived at the broker and in the spool, records it, acknowledges
 * it, announces it.
 */
export function openRecorder({ store, broker, log, ...options }: RecorderOptions): Recorder {
  const { metrics = openRecorderMetrics(new Registry()), tracing } = options;
  const announcer = createAnnouncer({ store, publisher: broker?.publisher, log });

  async function record(lines: readonly Line[], read = toSubmission): Promise<void> {
    const deps = {
      isDataError: store.isDataError,
      async record(submissions: Parameters<RecorderStore["record"]>[0]) {
        const announced = announcer.takeAnnounced();
        const start = performance.now();
        try {
          const batch = await store.record(submissions, announced);
          metrics.batchRecorded(batch.outcomes, (performance.now() - start) / 1_000);
          return batch;
        } catch (error) {
          announcer.giveBack(announced);
          throw error;
        }
      },
    };
    const trace = tracing && traceBatch(tracing, lines);
    try {
      const announcements = await recordBatch(deps, lines.map(read));
      trace?.recorded();
      for (const announcement of announcements) announcer.announce(announcement, trace);
    } catch (error) {
      trace?.failed(error);
      throw error;
    }
    metrics.linesSettled(lines);
  }

  const queue = createRecordingQueue({ ...BATCH, record, onOutage: (lines, error) => outage.begin(lines, error) });
  const outage = createOutage({
    store,
    queue,
    broker: { pause: async () => consumer?.pause(), resume: () => consumer?.resume() },
    log,
  });
  const consuming = startConsumingSwitch({
    isPaused: store.isPaused,
    onChange(paused) {
      log.info(paused ? "consuming is paused" : "consuming");
      metrics.paused(paused);
      void consumer?.hold(paused);
    },
    onError: (error) => outage.begin([], error),
  });
  const spoolLoop = startSpoolLoop({
    store,
    queue,
    outage,
    consuming,
    recordAlone: (line, { poison }) => record([line], poison ? toPoison : toSubmission),
  });
  const oversized = broker && openOversized({ store, publisher: broker.publisher, log });
  const deliveries = oversized && takeDeliveries({ spool: store.spool, queue, outage, setAside: oversized.setAside });
  const consumer =
    deliveries &&
    broker?.consume((delivery) => {
      if (delivery.redelivered) metrics.redelivered();
      deliveries.take(delivery);
    });
  // Until it is known whether it may.
  void consumer?.hold(true);

  return {
    spool: (rows) => spoolAndRecord({ store, queue, spoolLoop, outage, consuming }, rows),
    room: () => awaitRoom({ queue, spoolLoop, outage, consuming }),
    isPaused: consuming.isPaused,
    status: () => ({
      // It consumes, and what it publishes is confirmed; an alarm stops only the latter.
      ...(consumer && { broker: broker?.publisher.status() === "down" ? "down" : consumer.status() }),
      database: outage.active() ? "down" : "up",
    }),
    async stop() {
      const orderly = async () => {
        await consumer?.cancel();
        await Promise.all([consuming.stop(), spoolLoop.stop()]);
        const settled = Promise.all([queue.drained(), deliveries?.spooled()]);
        await Promise.race([settled, outage.begun()]);
        outage.stop();
        await oversized?.stop();
        await announcer.stop();
      };
      await Promise.race([orderly(), wait(STOP_LIMIT_MS, undefined, { ref: false })]);
      await consumer?.close();
      await broker?.publisher.close();
    },
  };
}

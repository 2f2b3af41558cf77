import type { QueueDepths } from "@pedidos/broker";
import { countAccepted } from "@pedidos/intake";
import { beforeEach, expect, test, vi } from "vitest";
import { readinessOf } from "./health.ts";
import { openOverview } from "./open-overview.ts";

beforeEach(() => {
  vi.useFakeTimers();
  return () => void vi.useRealTimers();
});

const backlog = { spoolRows: 0, spoolSeconds: 0, deferredRows: 0, outboxRows: 0, outboxSeconds: 0, outboxRetries: 0 };
const broker = (messages: number, consumers: number): QueueDepths => ({
  "orders.intake": { messages, consumers },
  pedidos: null,
  "orders.dead-letter": { messages: 0, consumers: 0 },
});

/** The overview of a system that is well but for this, after it was followed for a while. */
async function overviewOf({
  depths = broker(0, 2),
  spoolRows = 0,
  isPaused = false,
  isLocked = false,
  isRecorder = false,
}) {
  const locked = () => Promise.reject(new Error("timed out"));
  const overview = openOverview({
    store: {
      countChanges: isLocked ? locked : async () => ({ recorded: 0, rejected: 0 }),
      countOpenRejections: async () => ({ open: 3, fresh: 2, conflicts: 1 }),
      findRecordingTimes: locked,
      measureBacklog: async () => ({ ...backlog, spoolRows }),
      readConsuming: async () => ({ paused: isPaused, since: null, by: null }),
    },
    system: {
      accepted: countAccepted(),
      queueDepths: async () => (isRecorder ? undefined : depths),
      isRecorder,
      readiness: async () => readinessOf({ broker: "up", database: "up" }, isPaused),
    },
    refused: { read: () => ({ orders: 0, by: [] }) },
    horizon: async () => new Date().toISOString(),
  });
  overview.start();
  await vi.advanceTimersByTimeAsync(20_000);
  const reading = overview.read();
  await vi.advanceTimersByTimeAsync(2_000);
  overview.stop();
  return await reading;
}

test("nothing waits: nothing stands still", async () => {
  expect(await overviewOf({})).toMatchObject({
    consumers: 2,
    stalledSince: null,
    rejections: { open: 3, fresh: 2, conflicts: 1 },
    backlog: { queues: { "orders.intake": 0, pedidos: null, "orders.dead-letter": 0 } },
  });
});

test.each([
  ["in the queue, and nobody consumes it", { depths: broker(4, 0) }, 0],
  ["in the queue, and the tables are locked", { depths: broker(4, 1), isLocked: true }, 1],
  ["in the spool of a process that records by itself", { spoolRows: 4, isRecorder: true }, 1],
] as const)("orders wait %s: it is said since when, and how many consume", async (_, difference, consumers) => {
  const { stalledSince, ...overview } = await overviewOf(difference);
  expect(overview.consumers).toBe(consumers);
  expect(Date.now() - Date.parse(String(stalledSince))).toBeGreaterThanOrEqual(10_000);
});

test("in a pause orders are meant to wait", async () => {
  expect(await overviewOf({ depths: broker(4, 0), isPaused: true })).toMatchObject({ stalledSince: null });
});

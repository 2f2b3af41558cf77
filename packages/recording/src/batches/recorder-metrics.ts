import type { Outcome } from "@pedidos/persistence";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Line } from "../lines/line.ts";

export type RecorderMetrics = ReturnType<typeof openRecorderMetrics>;

/** What recording does, counted once a batch but for the time that each order took. */
export function openRecorderMetrics(registry: Registry = new Registry()) {
  const registers = [registry];
  const outcomesOf = new Counter({
    name: "pedidos_submissions_total",
    help: "Submissions that came to their end, by what became of them; settled: another process had dealt with them.",
    labelNames: ["outcome"],
    registers,
  });
  const sizes = new Histogram({
    name: "pedidos_batch_submissions",
    help: "Submissions that were recorded in one transaction.",
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
    registers,
  });
  const commits = new Histogram({
    name: "pedidos_batch_duration_seconds",
    help: "How long a batch's transaction took, its commit included.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const delays = new Histogram({
    name: "pedidos_accepted_to_recorded_seconds",
    help: "From an order's acceptance by the API to its record, by the clocks of the two machines.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3_600],
    registers,
  });
  const comingBack = new Counter({
    name: "pedidos_redeliveries_total",
    help: "Messages that came a second time, as they were not settled the first time.",
    registers,
  });
  const paused = new Gauge({
    name: "pedidos_consuming_paused",
    help: "1 while somebody has paused consuming: orders are accepted and wait.",
    registers,
  });
  let newest: number | undefined;
  const known: readonly Outcome[] = ["recorded", "duplicate", "conflict", "rejected", "settled"];
  for (const outcome of known) outcomesOf.inc({ outcome }, 0);
  return {
    /** @param seconds from the first statement of its transaction to the end of its commit */
    batchRecorded(outcomes: readonly Outcome[], seconds: number): void {
      const counts = new Map<Outcome, number>();
      for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      for (const [outcome, count] of counts) outcomesOf.inc({ outcome }, count);
      sizes.observe(outcomes.length);
      commits.observe(seconds);
    },
    /** Lines that are recorded, rejected or deferred. */
    linesSettled(lines: readonly Pick<Line, "acceptedAt" | "spoolId">[]): void {
      const now = Date.now();
      for (const { acceptedAt, spoolId } of lines) {
        if (acceptedAt === undefined) continue;
        delays.observe(Math.max(0, now - acceptedAt) / 1_000);
        if (spoolId === undefined && acceptedAt > (newest ?? 0)) newest = acceptedAt;
      }
    },
    /** When the newest settled order of the intake queue was accepted, in milliseconds since 1970. */
    settledUpTo: () => newest,
    redelivered: () => comingBack.inc(),
    paused: (isPaused: boolean) => paused.set(isPaused ? 1 : 0),
  };
}

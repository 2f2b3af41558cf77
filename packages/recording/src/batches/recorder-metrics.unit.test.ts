import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { openRecorderMetrics } from "./recorder-metrics.ts";

test("outcomes, sizes, times and delays are counted", async () => {
  const registry = new Registry();
  const metrics = openRecorderMetrics(registry);
  metrics.batchRecorded(["recorded", "recorded", "conflict"], 0.004);
  metrics.linesSettled([{ acceptedAt: Date.now() - 30_000 }, { acceptedAt: Date.now() + 5_000 }, {}]);
  const now = Date.now();
  metrics.linesSettled([{ acceptedAt: now - 20_000 }, { acceptedAt: now, spoolId: 1 }]);
  expect(metrics.settledUpTo()).toBeGreaterThan(now);
  metrics.redelivered();
  metrics.paused(true);
  const lines = (await registry.metrics()).split("\n");
  for (const line of [
    'pedidos_submissions_total{outcome="recorded"} 2',
    'pedidos_submissions_total{outcome="conflict"} 1',
    'pedidos_submissions_total{outcome="duplicate"} 0',
    'pedidos_batch_submissions_bucket{le="5"} 1',
    'pedidos_batch_duration_seconds_bucket{le="0.0025"} 0',
    'pedidos_batch_duration_seconds_bucket{le="0.005"} 1',
    'pedidos_accepted_to_recorded_seconds_bucket{le="0.005"} 2',
    'pedidos_accepted_to_recorded_seconds_bucket{le="10"} 2',
    'pedidos_accepted_to_recorded_seconds_bucket{le="60"} 4',
    "pedidos_redeliveries_total 1",
    "pedidos_consuming_paused 1",
  ])
    expect(lines).toContain(line);
});

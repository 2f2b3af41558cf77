import type { App } from "../harness/start-app.ts";
import { type Bench, inRounds, type Section } from "./bench.ts";
import { median, percentile } from "./figures.ts";
import { accept, FLOOR_QUEUE, FLOOR_ROUTE } from "./measure-accepting.ts";
import { postTo, sendLoad } from "./send-load.ts";
import { startFresh } from "./start-fresh.ts";

const IDLE_PER_SECOND = 20;
const SATURATING_CONNECTIONS = 512;

/** Latency at half the load that saturates, from the time at which each request was to be sent, beside an idle system's. */
export const latency: Section = {
  name: "latency",
  async measure(bench) {
    const { testbed, broker } = bench;
    const system = await startFresh(bench);
    const floor = await testbed.start(FLOOR_ROUTE, system.databaseUrl);
    bench.log("latency: what saturates");
    const apiRate = await accept(bench, system.apps.api, SATURATING_CONNECTIONS);
    const floorRate = await accept(bench, floor, SATURATING_CONNECTIONS);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const rounds = await inRounds(bench, "latency at half the saturating load", async () => {
      const idle = await measurePaced(bench, system.apps.api, IDLE_PER_SECOND);
      const half = await measurePaced(bench, system.apps.api, apiRate / 2);
      const floorHalf = await measurePaced(bench, floor, floorRate / 2);
      await broker.purge(FLOOR_QUEUE);
      return { idle, half, floorHalf };
    });
    await Promise.all([system.stop(), floor.terminate()]);
    const of = (name: keyof (typeof rounds)[number], what: "p50" | "p99") => rounds.map((round) => round[name][what]);
    const at = `${Math.round(apiRate / 2)}/s`;
    return [
      {
        name: "accepting at half the saturating load, p50",
        unit: "ms",
        values: of("half", "p50"),
        baseline: { name: "idle p50", values: of("idle", "p50") },
        target: { atMost: 2 },
        note: `at ${at}`,
      },
      {
        name: "accepting at half the saturating load, p99",
        unit: "ms",
        values: of("half", "p99"),
        baseline: { name: "floor route p99", values: of("floorHalf", "p99") },
        note: `at ${at}; the floor route at its own half, ${Math.round(floorRate / 2)}/s, has a p50 of ${median(of("floorHalf", "p50")).toFixed(1)} ms`,
      },
    ];
  },
};

async function measurePaced({ testbed, form }: Bench, app: App, perSecond: number) {
  const { latencies } = await sendLoad({
    ...postTo(app.port, testbed.takeIds(1_000_000)),
    kind: "paced",
    perSecond,
    seconds: form.seconds,
    warmUpSeconds: form.warmUpSeconds,
  });
  return { p50: median(latencies), p99: percentile(latencies, 0.99) };
}

import { findServerPids } from "../harness/inspect-processes.ts";
import { withClient } from "../harness/query.ts";
import type { System } from "../harness/start-system.ts";
import { type Bench, inRounds, type Section } from "./bench.ts";
import { countCpu, cpuPerOrder, describeCpu } from "./count-cpu.ts";
import { median } from "./figures.ts";
import { accept, FLOOR_QUEUE, FLOOR_ROUTE } from "./measure-accepting.ts";
import { awaitRecording, readRecorded } from "./recorded.ts";
import { postTo, sendLoad } from "./send-load.ts";
import { startFresh } from "./start-fresh.ts";

const CONNECTIONS = 512;
const IDS = 5_000_000;

type Sample = { readonly at: number; readonly accepted: number; readonly recorded: number };

/** Orders by single posts from acceptance to record, at as many as are answered, beside what the floor route accepts. */
export const wholePath: Section = {
  name: "whole path",
  async measure(bench) {
    const { testbed, broker, form } = bench;
    const system = await startFresh(bench);
    const floor = await testbed.start(FLOOR_ROUTE, system.databaseUrl);
    const notes: string[] = [];
    const rounds = await inRounds(bench, `the whole path, ${CONNECTIONS} connections`, async () => {
      const floorRate = await accept(bench, floor, CONNECTIONS);
      await broker.purge(FLOOR_QUEUE);
      return { floorRate, ...(await record(bench, system, form.wholePathSeconds, notes)) };
    });
    await Promise.all([system.stop(), floor.terminate()]);
    const growth = median(rounds.map((round) => round.backlogGrowth));
    return [
      {
        name: `whole path, single posts, ${CONNECTIONS} connections`,
        unit: "orders/s",
        values: rounds.map((round) => round.recordedRate),
        baseline: { name: "floor route accepts", values: rounds.map((round) => round.floorRate) },
        target: { atLeast: 1 },
        note: `backlog ${growth > 0 ? "+" : ""}${(growth * 100).toFixed(1)} % of what is accepted; ${notes[0] ?? ""}`,
      },
    ];
  },
};

/** Sends as much as is answered, and watches what is recorded; resolves once all that was accepted is. */
async function record(
  { testbed }: Bench,
  { databaseUrl, apps: { api, consumer } }: System,
  seconds: number,
  notes: string[],
) {
  const pids = { API: api.pid() ?? 0, consumer: consumer.pid() ?? 0, ...(await findServerPids(testbed)) };
  return await withClient(databaseUrl, async (client) => {
    const samples: Sample[] = [];
    const there = await readRecorded(client);
    let before: Record<string, number> | undefined;
    let isReading = false;
    const { accepted, cpuMicroseconds } = await sendLoad(
      {
        ...postTo(api.port, testbed.takeIds(IDS)),
        kind: "saturating",
        connections: CONNECTIONS,
        seconds,
        warmUpSeconds: 2,
      },
      {
        async onProgress(count, measuring) {
          if (!measuring || isReading) return;
          isReading = true;
          before ??= countCpu(pids);
          const sample = { at: performance.now(), accepted: count, recorded: (await readRecorded(client)) - there };
          samples.push(sample);
          isReading = false;
        },
      },
    );
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined || before === undefined) throw new Error("the load reported nothing");
    const parts = cpuPerOrder(before, countCpu(pids), last.recorded - first.recorded);
    notes.push(`CPU µs an order: ${describeCpu({ ...parts, load: cpuMicroseconds })}`);
    await awaitRecording(client, there + accepted);
    return { recordedRate: rateOf(first, last, "recorded"), backlogGrowth: growthOf(samples) };
  });
}

function rateOf(first: Sample, last: Sample, what: "accepted" | "recorded"): number {
  return ((last[what] - first[what]) * 1_000) / (last.at - first.at);
}

/** How much the backlog grew from the first third of the time to the last, as a share of what was accepted between. */
function growthOf(samples: readonly Sample[]): number {
  const third = Math.ceil(samples.length / 3);
  const backlog = (part: readonly Sample[]) => median(part.map(({ accepted, recorded }) => accepted - recorded));
  const accepted = (samples.at(-1)?.accepted ?? 0) - (samples[0]?.accepted ?? 0);
  return (backlog(samples.slice(-third)) - backlog(samples.slice(0, third))) / (accepted * (2 / 3));
}

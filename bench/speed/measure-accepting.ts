import { join } from "node:path";
import { findServerPids } from "../harness/inspect-processes.ts";
import type { App } from "../harness/start-app.ts";
import { type Bench, inRounds, type Section } from "./bench.ts";
import { countCpu, cpuPerOrder, describeCpu } from "./count-cpu.ts";
import type { Figure } from "./figures.ts";
import { INTAKE } from "./open-broker.ts";
import { postTo, sendLoad } from "./send-load.ts";

export const FLOOR_ROUTE = { name: "floor", file: join(import.meta.dirname, "baselines/floor-route.ts") };
export const FLOOR_QUEUE = "bench.floor";
/** More than any run of one round sends. */
const IDS = 2_000_000;

/** How many orders a second the API accepts, beside the floor route. Nothing is recorded meanwhile. */
export const accepting: Section = {
  name: "accepting",
  async measure(bench) {
    const { testbed, broker } = bench;
    const database = await testbed.freshDatabase();
    const [api, floor] = [await testbed.start("api", database), await testbed.start(FLOOR_ROUTE, database)];
    const figures: Figure[] = [];
    for (const { connections, atLeast } of [
      { connections: 64, atLeast: 0.95 },
      { connections: 512, atLeast: 1.5 },
    ]) {
      const notes: string[] = [];
      const floorNotes: string[] = [];
      const rounds = await inRounds(bench, `accepting from ${connections} connections`, async () => {
        const floorRate = await accept(bench, floor, connections, floorNotes);
        const apiRate = await accept(bench, api, connections, notes);
        await broker.purge(INTAKE, FLOOR_QUEUE);
        return { floorRate, apiRate };
      });
      figures.push({
        name: `accepted, ${connections} connections`,
        unit: "orders/s",
        values: rounds.map(({ apiRate }) => apiRate),
        baseline: { name: "floor route", values: rounds.map(({ floorRate }) => floorRate) },
        target: { atLeast },
        note: `${notes.at(-1) ?? ""}; of the floor route ${floorNotes.at(-1) ?? ""}`,
      });
    }
    await Promise.all([api.terminate(), floor.terminate()]);
    return figures;
  },
};

/** → accepted orders a second, at as many as are answered. */
export async function accept(
  { testbed, form }: Pick<Bench, "testbed" | "form">,
  app: App,
  connections: number,
  notes?: string[],
): Promise<number> {
  const pids = notes === undefined ? {} : { route: app.pid() ?? 0, ...(await findServerPids(testbed)) };
  let before: Record<string, number> | undefined;
  const began = { accepted: 0 };
  const { perSecond, accepted, cpuMicroseconds } = await sendLoad(
    {
      ...postTo(app.port, testbed.takeIds(IDS)),
      kind: "saturating",
      connections,
      seconds: form.seconds,
      warmUpSeconds: form.warmUpSeconds,
    },
    {
      onProgress(count, measuring) {
        if (!measuring || before !== undefined || notes === undefined) return;
        before = countCpu(pids);
        began.accepted = count;
      },
    },
  );
  if (notes !== undefined && before !== undefined) {
    const parts = cpuPerOrder(before, countCpu(pids), accepted - began.accepted);
    notes.push(`CPU µs an order: ${describeCpu({ ...parts, load: cpuMicroseconds })}`);
  }
  return perSecond;
}

import { request } from "undici";
import { residentBytes } from "../harness/inspect-processes.ts";
import { withClient } from "../harness/query.ts";
import type { Bench, Section } from "./bench.ts";
import { type Figure, median } from "./figures.ts";
import { postBatch } from "./measure-batch-route.ts";
import { awaitCounted } from "./recorded.ts";
import { postTo, sendLoad } from "./send-load.ts";
import { startFresh } from "./start-fresh.ts";

const ORDERS = 1_000_000;
/** Until its heap has its working size, a process grows under any input. */
const BEFORE = 200_000;
const SATURATION_SECONDS = 600;
const SAMPLE_MS = 50;
const MEGABYTE = 1024 * 1024;

/** Resident sets: one million orders in by one request and out by one stream, and ten minutes of saturation. */
export const memory: Section = {
  name: "memory",
  async measure(bench) {
    const system = await startFresh(bench);
    const pids = { API: system.apps.api.pid() ?? 0, consumer: system.apps.consumer.pid() ?? 0 };
    try {
      bench.log(`memory: a process that has taken in ${BEFORE} orders`);
      await postBatch(system.apps.api.port, bench.testbed.takeIds(BEFORE), BEFORE);
      await read(system.apps.api.port);
      await withClient(system.databaseUrl, (client) => awaitCounted(client, { count: BEFORE }));
      bench.log(`memory: ${ORDERS} orders by one request`);
      const into = await growth(pids, async () => {
        await postBatch(system.apps.api.port, bench.testbed.takeIds(ORDERS), ORDERS);
        await withClient(system.databaseUrl, (client) => awaitCounted(client, { count: ORDERS + BEFORE }));
      });
      bench.log("memory: all of them by one CSV stream");
      const out = await growth({ API: pids.API }, () => read(system.apps.api.port));
      const figures = Object.entries(into).map(([name, bytes]) =>
        grown(`${ORDERS} orders by one request, ${name} grows`, bytes),
      );
      figures.push(grown(`${ORDERS} orders out by one CSV stream, API grows`, out.API ?? Number.NaN));
      return [...figures, ...(await saturate(bench, system.apps.api.port, pids))];
    } finally {
      await system.stop();
    }
  },
};

function grown(name: string, bytes: number): Figure {
  return { name, unit: "MB", values: [bytes / MEGABYTE], target: { atMost: 64 } };
}

/** → by how much each process grew at most meanwhile, in bytes. */
async function growth(pids: Record<string, number>, work: () => Promise<void>): Promise<Record<string, number>> {
  const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, bytes: residentBytes(pid) }));
  const most = Object.fromEntries(before.map(({ name }) => [name, 0]));
  const sampling = setInterval(() => {
    for (const { name, pid, bytes } of before) most[name] = Math.max(most[name] ?? 0, residentBytes(pid) - bytes);
  }, SAMPLE_MS);
  await work();
  clearInterval(sampling);
  return most;
}

/** Reads every order as CSV and throws it away. */
async function read(port: number): Promise<void> {
  const { body } = await request(`http://127.0.0.1:${port}/v1/orders`, {
    headers: { accept: "text/csv" },
    bodyTimeout: 0,
  });
  for await (const _ of body);
}

async function saturate({ testbed, log }: Bench, port: number, pids: Record<string, number>): Promise<Figure[]> {
  log(`memory: ${SATURATION_SECONDS / 60} minutes of saturation`);
  const samples = new Map(Object.keys(pids).map((name): [string, number[]] => [name, []]));
  const sampling = setInterval(() => {
    for (const [name, pid] of Object.entries(pids)) samples.get(name)?.push(residentBytes(pid) / MEGABYTE);
  }, 1_000);
  await sendLoad({
    ...postTo(port, testbed.takeIds(20_000_000)),
    kind: "saturating",
    connections: 64,
    seconds: SATURATION_SECONDS,
    warmUpSeconds: 60,
  });
  clearInterval(sampling);
  return [...samples].map(([name, values]) => {
    const quarter = Math.floor(values.length / 4);
    return {
      name: `${name}, last quarter of ${SATURATION_SECONDS / 60} minutes of saturation`,
      unit: "MB",
      values: [median(values.slice(-quarter))],
      baseline: { name: "second quarter", values: [median(values.slice(quarter, 2 * quarter))] },
      target: { atMost: 1.15 },
    };
  });
}

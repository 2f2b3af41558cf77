import { join } from "node:path";
import { findServerPids } from "../harness/inspect-processes.ts";
import { query, withClient } from "../harness/query.ts";
import { bareTables } from "./baselines/bare-tables.ts";
import { measureSqlFloor } from "./baselines/sql-floor.ts";
import { type Bench, inRounds, type Section } from "./bench.ts";
import { countCpu, cpuPerOrder, describeCpu } from "./count-cpu.ts";
import type { Figure } from "./figures.ts";
import { INTAKE, ordersMessages } from "./open-broker.ts";
import { awaitCounted, awaitRecording } from "./recorded.ts";
import { openWriter } from "./write-order.ts";

const TEXTBOOK = { name: "textbook", file: join(import.meta.dirname, "baselines/textbook.ts") };
const TEXTBOOK_QUEUE = "bench.textbook";
/** The part of a drain that passes before it is measured: the consumer starts and warms up meanwhile. */
const WARM_UP = 0.2;

/** How fast a consumer empties a queue, beside bare SQL and beside the textbook's consumer. */
export const draining: Section = {
  name: "draining",
  async measure(bench) {
    const { drained } = bench.form;
    const notes: Record<"gathered" | "single", string[]> = { gathered: [], single: [] };
    const rounds = await inRounds(bench, "draining", async () => ({
      sqlFloor: await sqlFloor(bench, drained.gathered),
      gathered: await drain(bench, { count: drained.gathered, ordersEach: 64, notes: notes.gathered }),
      single: await drain(bench, { count: drained.single, ordersEach: 1, notes: notes.single }),
      textbook: await drainByTextbook(bench, drained.textbook),
    }));
    const of = (name: keyof (typeof rounds)[number]) => rounds.map((round) => round[name]);
    const figure = (name: "gathered" | "single", baseline: "sqlFloor" | "textbook", atLeast: number): Figure => ({
      name: `drain, ${name === "gathered" ? "64 orders a message" : "one order a message"}`,
      unit: "orders/s",
      values: of(name),
      baseline: { name: baseline === "sqlFloor" ? "SQL floor" : "textbook", values: of(baseline) },
      target: { atLeast },
      ...(baseline === "sqlFloor" && { note: notes[name][0] ?? "" }),
    });
    return [
      figure("gathered", "sqlFloor", 0.5),
      figure("gathered", "textbook", 25),
      figure("single", "sqlFloor", 0.25),
      figure("single", "textbook", 12),
    ];
  },
};

/** On one connection or two, the faster. */
export async function sqlFloor({ testbed }: Bench, count: number): Promise<number> {
  const rates: number[] = [];
  for (const connections of [1, 2])
    rates.push(await measureSqlFloor(await testbed.freshDatabase(), testbed.takeIds(count * 2), count, connections));
  return Math.max(...rates);
}

export type Drain = {
  readonly count: number;
  readonly ordersEach: number;
  readonly consumers?: number;
  /** Of how many customers the orders are; many by default. */
  readonly customers?: number;
  readonly databaseUrl?: string;
  readonly notes?: string[];
};

/** → orders a second, from when a fifth of them is recorded until all are committed, counted and announced. */
export async function drain(
  bench: Bench,
  { count, ordersEach, consumers = 1, customers, databaseUrl, notes }: Drain,
): Promise<number> {
  const { testbed, broker } = bench;
  const database = databaseUrl ?? (await testbed.freshDatabase());
  const apps = await Promise.all(Array.from({ length: consumers }, () => testbed.prepare("consumer", database)));
  await broker.emptyIntake();
  const firstId = testbed.takeIds(count);
  await broker.publish(INTAKE, ordersMessages(firstId, count, ordersEach, openWriter(2, customers)));
  const events = await broker.listen();
  const servers = await findServerPids(testbed);
  try {
    return await withClient(database, async (client) => {
      const there = Number((await client.query("select count(*) as n from orders")).rows[0]?.n);
      await Promise.all(apps.map((app) => app.start()));
      const warm = there + Math.floor(count * WARM_UP);
      const began = await awaitRecording(client, warm);
      const pids = { consumer: apps.map((app) => app.pid() ?? 0), ...servers };
      const before = countCpu(pids);
      await awaitRecording(client, there + count);
      const after = countCpu(pids);
      const counted = await awaitCounted(client, { count, firstId, before: there });
      const ended = Math.max(counted, await events.heard(count));
      const rate = ((count * (1 - WARM_UP)) / (ended - began)) * 1_000;
      notes?.push(`CPU µs an order: ${describeCpu(cpuPerOrder(before, after, count * (1 - WARM_UP)))}`);
      return rate;
    });
  } finally {
    await Promise.all(apps.map((app) => app.terminate()));
    await events.stop();
  }
}

async function drainByTextbook({ testbed, broker }: Bench, count: number): Promise<number> {
  const database = await testbed.freshDatabase();
  await query(database, bareTables("book"));
  const app = await testbed.prepare(TEXTBOOK, database);
  await broker.declare(TEXTBOOK_QUEUE);
  await broker.publish(TEXTBOOK_QUEUE, ordersMessages(testbed.takeIds(count), count, 1, openWriter()));
  return await withClient(database, async (client) => {
    const recorded = async () => Number((await client.query("select count(*) as n from book_orders")).rows[0]?.n);
    const until = async (wanted: number) => {
      for (;;) {
        const [found, at] = [await recorded(), performance.now()];
        if (found >= wanted) return { found, at };
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await app.start();
    const first = await until(count * WARM_UP);
    const last = await until(count);
    await app.terminate();
    return ((last.found - first.found) * 1_000) / (last.at - first.at);
  });
}

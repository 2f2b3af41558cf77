import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findOrInstall } from "@pedidos/testing";
import { expect, onTestFinished, test } from "vitest";
import { query } from "../../harness/query.ts";
import { isRecord } from "../content.ts";
import { startFaultServers } from "../start-fault-system.ts";
import { openCase, tally } from "./open-case.ts";

test("14: the clocks of API and consumer jump by years: identity, exactness and the order of pages are as ever", async () => {
  const jumping = new URL("./jump-clock.ts", import.meta.url).href;
  const { system, http, newOrders, openProducer, expectSound, watch } = await openCase({
    env: { NODE_OPTIONS: `--import=${jumping}` },
  });
  await watch();
  const began = Date.now();
  const producer = await openProducer();
  const orders = newOrders(120);
  for (const [n, order] of orders.entries()) {
    const road = (["single", "wait", "batch"] as const)[n % 3] ?? "single";
    const outcome = await http[n % 2 ? "api1" : "api2"].submit(road, [order]);
    expect(["200", "201", "202", "409"]).toContain(Object.keys(tally([outcome]))[0]);
    if (n % 5 === 0) await producer.submit([order], "\n");
  }
  await producer.close();
  await expectSound();

  const times = (await pages(system.apps.api1.port)).map(({ recordedAt }) => Date.parse(String(recordedAt)));
  expect(times.length).toBeGreaterThan(80);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  // The database's clock, which has not jumped.
  for (const time of times) expect(Math.abs(time - began)).toBeLessThan(180_000);
}, 180_000);

test("17: a database whose clock is 20 s behind takes over: the feed skips nothing and repeats nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pedidos-clock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = join(folder, "offset");
  const setClock = (offset: string) => writeFileSync(clock, `${offset}\n`);
  setClock("+0s");
  const environment = {
    LD_PRELOAD: findLibfaketime(),
    ...{ FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" },
  };
  const servers = await startFaultServers({ environment });
  onTestFinished(servers.remove);
  const { system, http, newOrders, expectSound, watch } = await openCase({ servers });
  await watch();
  const reading = followChanges(system.apps.api1.port);
  const submit = async (count: number) => {
    for (const order of newOrders(count)) await http[order.orderId % 2 ? "api1" : "api2"].submit("single", [order]);
  };
  await submit(150);
  await reading.until((seen) => seen.length >= 100);
  // As when a standby is promoted: only committed work is there, and the clock is another.
  const recording = submit(300);
  await servers.postgres.kill();
  setClock("-20s");
  await servers.postgres.start();
  expect(await secondsBehind(servers.postgres.url)).toBeCloseTo(20, -1);
  await recording;
  await submit(150);
  await expectSound();

  const recorded = await pages(system.apps.api1.port);
  expect(recorded.length).toBeGreaterThan(450);
  const seen = await reading.until((seen) => new Set(seen).size >= recorded.length);
  const ids = recorded.map(({ orderId }) => orderId);
  expect(new Set(seen)).toEqual(new Set(ids));
  expect(seen).toHaveLength(ids.length);
  await reading.end();
}, 180_000);

/** Reads the feed from its beginning, page after page, and goes on while the API has no answer. */
function followChanges(port: number) {
  const seen: unknown[] = [];
  let isEnding = false;
  let cursor = "";
  async function readPage(): Promise<void> {
    const query = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`http://127.0.0.1:${port}/v1/changes?limit=20${query}`);
    const page: unknown = answer.ok ? await answer.json() : undefined;
    if (!isRecord(page) || !Array.isArray(page.changes) || typeof page.nextCursor !== "string") return;
    for (const { type, data } of page.changes) if (type === "order.recorded") seen.push(data.orderId);
    cursor = page.nextCursor;
  }
  const running = (async () => {
    while (!isEnding) {
      await readPage().catch(() => {});
      await wait(20);
    }
  })();
  return {
    /** Waits until it has read enough, or for so long that it never will. */
    async until(isEnough: (seen: readonly unknown[]) => boolean): Promise<readonly unknown[]> {
      for (let left = 600; left > 0 && !isEnough(seen); left--) await wait(100);
      return seen;
    },
    async end() {
      isEnding = true;
      await running;
    },
  };
}

async function secondsBehind(databaseUrl: string): Promise<number> {
  const [row] = await query<{ now: Date }>(databaseUrl, "select clock_timestamp() as now");
  return (Date.now() - (row?.now.getTime() ?? 0)) / 1_000;
}

/** → the library that gives a process another clock, from Debian's package if it is missing. */
function findLibfaketime(): string {
  return findOrInstall(() => globSync("/usr/lib/*/faketime/libfaketime.so.1").at(0), "libfaketime");
}

/** Every order, in the order of the pages; each once. */
async function pages(port: number): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (let cursor: unknown = ""; typeof cursor === "string"; ) {
    const query = cursor === "" ? "" : `&cursor=${cursor}`;
    const page: unknown = await (await fetch(`http://127.0.0.1:${port}/v1/orders?limit=7${query}`)).json();
    if (!isRecord(page) || !Array.isArray(page.orders)) throw new Error(`no page: ${JSON.stringify(page)}`);
    found.push(...page.orders);
    cursor = page.nextCursor;
  }
  expect(new Set(found.map(({ orderId }) => orderId)).size).toBe(found.length);
  return found;
}

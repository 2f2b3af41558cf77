import { afterEach, expect, test } from "vitest";
import { isRecord } from "../content.ts";
import { openAmqpClient } from "../submit-by-amqp.ts";
import { type Case, findingsOf, openCase, tally } from "./open-case.ts";

let current: Case | undefined;
afterEach(async () => {
  await current?.close();
  current = undefined;
});

test("14: the clocks of API and consumer jump by years: identity, exactness and the order of pages are as ever", async () => {
  const jumping = new URL("./jump-clock.ts", import.meta.url).href;
  current = await openCase({ env: { NODE_OPTIONS: `--import=${jumping}` } });
  const { system, http, newOrders, record, settle, watch } = current;
  await watch();
  const began = Date.now();
  const producer = openAmqpClient(system.amqpUrl, record);
  const orders = newOrders(120);
  for (const [n, order] of orders.entries()) {
    const road = (["single", "wait", "batch"] as const)[n % 3] ?? "single";
    const outcome = await http[n % 2 ? "api1" : "api2"].submit(road, [order]);
    expect(["200", "201", "202", "409"]).toContain(Object.keys(tally([outcome]))[0]);
    if (n % 5 === 0) await producer.submit([order], "\n");
  }
  await producer.close();
  const [findings, verdict] = findingsOf(await settle());
  expect(findings, verdict).toEqual([]);

  const times = (await pages(system.apps.api1.port)).map(({ recordedAt }) => Date.parse(String(recordedAt)));
  expect(times.length).toBeGreaterThan(80);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  // The database's clock, which has not jumped.
  for (const time of times) expect(Math.abs(time - began)).toBeLessThan(180_000);
}, 180_000);

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

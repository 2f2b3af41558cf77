import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { openAmqpClient } from "../submit-by-amqp.ts";
import { type Case, findingsOf, openCase } from "./open-case.ts";

let current: Case | undefined;
afterEach(async () => {
  await current?.close();
  current = undefined;
});

test("11: every process is ended and started in turn under load: no request fails, each ends with 0, no delivery is spent", async () => {
  current = await openCase();
  const { system, http, newOrder, newOrders, operations, record, settle, watch } = current;
  await watch();
  const producer = openAmqpClient(system.amqpUrl, record);
  let ending = false;
  const failures: string[] = [];

  /** As behind a balancer: who is refused a connection, or told to come again, goes to the other one. */
  async function client(road: "single" | "wait" | "batch", first: number): Promise<void> {
    for (let turn = first; !ending; turn++) {
      const lines = road === "batch" ? newOrders(200) : [newOrder()];
      for (let attempt = 0; ; attempt++) {
        const outcome = await http[(turn + attempt) % 2 ? "api1" : "api2"].submit(road, lines);
        if (outcome.kind === "answered" && (outcome.status < 300 || outcome.status === 409)) break;
        const isPartial = road === "batch" && outcome.kind === "answered" && outcome.status === 503;
        const isRefused = outcome.kind === "closed" && outcome.reason.includes("ECONNREFUSED");
        if (!isPartial && !isRefused) failures.push(JSON.stringify([road, outcome]));
        if (attempt > 20) break;
        await wait(50);
      }
      await wait(10);
    }
  }
  async function produce(): Promise<void> {
    while (!ending) {
      await producer.submit(newOrders(20), "\n");
      await wait(20);
    }
  }
  const load = [
    ...Array.from({ length: 6 }, (_, index) => client("single", index)),
    ...Array.from({ length: 4 }, (_, index) => client("wait", index)),
    client("batch", 0),
    client("batch", 1),
    produce(),
  ];
  await wait(1_000);
  for (const app of Object.values(system.apps)) {
    await app.terminate();
    await app.start();
    await app.ready();
  }
  ending = true;
  await Promise.all(load);
  await producer.close();
  const [findings, verdict] = findingsOf(await settle());
  expect(findings, verdict).toEqual([]);
  expect(failures).toEqual([]);
  // What comes back to the queue would have gone by the spool.
  const database = new pg.Client({ connectionString: system.databaseUrl });
  await database.connect();
  const { rows } = await database.query("select is_called from spool_spool_id_seq");
  await database.end();
  expect(rows).toEqual([{ is_called: false }]);
  expect(operations.length).toBeGreaterThan(200);
}, 180_000);

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { mountSmallDisk } from "@pedidos/testing";
import pg from "pg";
import { afterEach, expect, test, vi } from "vitest";
import { openAmqpClient } from "../submit-by-amqp.ts";
import { TROUBLE_NAMES, troubleDatabase } from "../trouble-database.ts";
import { findingsOf, openCase, readiness, tally } from "./open-case.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(options?: Parameters<typeof openCase>[0]) {
  const current = await openCase(options);
  closing.push(current.close);
  const { system, record } = current;
  const admin = new pg.Client({ connectionString: system.databaseUrl });
  admin.on("error", () => {});
  await admin.connect();
  closing.push(() => admin.end());
  const producer = openAmqpClient(system.amqpUrl, record);
  closing.push(producer.close);
  await current.watch();
  const submit = async (count: number) => {
    const outcomes = await Promise.all(
      current.newOrders(count).map((order) => current.http.api1.submit("single", [order])),
    );
    return tally(outcomes);
  };
  const consumers = async () =>
    (await Promise.all([system.apps.consumer1, system.apps.consumer2].map(({ port }) => readiness(port)))).join();
  return { ...current, admin, producer, submit, consumers };
}

async function expectSound({ settle }: Pick<Awaited<ReturnType<typeof open>>, "settle">): Promise<void> {
  const [findings, verdict] = findingsOf(await settle(90_000));
  expect(findings, verdict).toEqual([]);
}

test.each(TROUBLE_NAMES)(
  "18: while %s for 10 s, again and again, orders are taken and none is rejected",
  async (name) => {
    const current = await open();
    const { system, submit, producer, newOrders } = current;
    for (let round = 0; round < 2; round++) {
      const troubled = troubleDatabase(system.databaseUrl, name, 10_000);
      for (let sent = 0; sent < 8; sent++) {
        expect(await submit(20)).toEqual({ "202": 20 });
        await producer.submit(newOrders(64), "\n");
        await wait(1_000);
      }
      expect(await troubled).toBe("done");
    }
    await expectSound(current);
  },
  180_000,
);

test("19: the tablespace of orders is full, the spool's is not: nobody is rejected, the consumers say so", async () => {
  const disk = mountSmallDisk(60);
  if (disk === undefined) throw new Error("this test mounts a file system: run it as root");
  const current = await open();
  closing.push(() => disk.remove());
  const { admin, submit, consumers } = current;
  const folder = join(disk.folder, "tablespace");
  mkdirSync(folder, { mode: 0o777 });
  await admin.query(`create tablespace small location '${folder}'`);
  await admin.query("alter table orders set tablespace small");
  expect(await submit(30)).toEqual({ "202": 30 });
  disk.fill();
  for (let again = 0; again < 10; again++) expect(await submit(100)).toEqual({ "202": 100 });
  await vi.waitFor(async () => expect(await consumers()).toContain('"unavailable"'), { timeout: 20_000, interval: 50 });
  await wait(10_000);
  const { rows } = await admin.query(
    "select count(*)::integer as n from rejections where reason in ('poison', 'invalid_order')",
  );
  expect(rows).toEqual([{ n: 0 }]);
  disk.free();
  await expectSound(current);
}, 180_000);

test("20: a synchronous standby hangs: API and consumers say so, no server processes pile up, all is recorded after it", async () => {
  const current = await open();
  const { admin, submit, system, consumers } = current;
  const setStandby = async (name: string) => {
    await admin.query(`alter system set synchronous_standby_names = '${name}'`);
    await admin.query("select pg_reload_conf()");
  };
  const hanging = async () =>
    (await admin.query("select from pg_stat_activity where wait_event = 'SyncRep'")).rowCount ?? 0;
  expect(await submit(20)).toEqual({ "202": 20 });
  await setStandby("nobody");
  for (let again = 0; again < 10; again++) {
    expect(await submit(20)).toEqual({ "202": 20 });
    await wait(500);
  }
  const api = () => readiness(system.apps.api1.port);
  await vi.waitFor(
    async () => {
      expect(await consumers()).toMatch(/"unavailable".*"unavailable"/);
      expect(await api()).toContain('"database":"down"');
    },
    { timeout: 30_000, interval: 200 },
  );
  const most = await hanging();
  for (let second = 0; second < 30; second++) {
    await Promise.all([submit(5), consumers(), api(), wait(1_000)]);
    expect(await hanging()).toBeLessThanOrEqual(most + 4);
  }
  expect(most).toBeLessThanOrEqual(16);
  await setStandby("");
  await expectSound(current);
}, 180_000);

test("21: SIGTERM while PostgreSQL stands still ends API and consumer with 0 within 10 s", async () => {
  const current = await open();
  const { submit, system } = current;
  const { api1, api2, consumer1, consumer2 } = system.apps;
  expect(await submit(20)).toEqual({ "202": 20 });
  system.postgres.freeze();
  expect(await submit(20)).toEqual({ "202": 20 });
  await wait(1_000);
  await Promise.all([api1, api2, consumer1, consumer2].map((app) => app.terminate()));
  expect(system.badEnds).toEqual([]);
  system.postgres.thaw();
  await Promise.all([api1, api2, consumer1, consumer2].map((app) => app.start()));
  await expectSound(current);
}, 180_000);

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { mountSmallDisk } from "@pedidos/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { TROUBLE_NAMES, troubleDatabase } from "../trouble-database.ts";
import { openCase, readiness, tally } from "./open-case.ts";

async function open() {
  const current = await openCase();
  const { system } = current;
  await current.watch();
  const [admin, producer] = [await current.connect(), await current.openProducer()];
  const submit = async (count: number) => {
    const outcomes = await Promise.all(
      current.newOrders(count).map((order) => current.http.api1.submit("single", [order])),
    );
    return tally(outcomes);
  };
  const consumers = async () =>
    (await Promise.all([system.apps.consumer1, system.apps.consumer2].map(({ port }) => readiness(port)))).join();
  return { ...current, admin, producer, submit, consumers, expectSound: () => current.expectSound(90_000) };
}

test.each(TROUBLE_NAMES)(
  "18: while %s for 10 s, again and again, orders are taken and none is rejected",
  async (name) => {
    const { system, submit, producer, newOrders, expectSound } = await open();
    for (let round = 0; round < 2; round++) {
      const troubled = troubleDatabase(system.databaseUrl, name, 10_000);
      for (let sent = 0; sent < 8; sent++) {
        expect(await submit(20)).toEqual({ "202": 20 });
        await producer.submit(newOrders(64), "\n");
        await wait(1_000);
      }
      expect(await troubled).toBe("done");
    }
    await expectSound();
  },
  180_000,
);

test("19: the tablespace of orders is full, the spool's is not: nobody is rejected, the consumers say so", async () => {
  const disk = mountSmallDisk(60);
  if (disk === undefined) throw new Error("this test mounts a file system: run it as root");
  onTestFinished(disk.remove);
  const { admin, submit, consumers, expectSound } = await open();
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
  await expectSound();
}, 180_000);

test("20: a synchronous standby hangs: API and consumers say so, no server processes pile up, all is recorded after it", async () => {
  const { admin, submit, system, consumers, expectSound } = await open();
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
  await expectSound();
}, 180_000);

test("21: SIGTERM while PostgreSQL stands still ends API and consumer with 0 within 10 s", async () => {
  const { submit, system, expectSound } = await open();
  const { api1, api2, consumer1, consumer2 } = system.apps;
  expect(await submit(20)).toEqual({ "202": 20 });
  system.postgres.freeze();
  expect(await submit(20)).toEqual({ "202": 20 });
  await wait(1_000);
  await Promise.all([api1, api2, consumer1, consumer2].map((app) => app.terminate()));
  expect(system.badEnds).toEqual([]);
  system.postgres.thaw();
  await Promise.all([api1, api2, consumer1, consumer2].map((app) => app.start()));
  await expectSound();
}, 180_000);

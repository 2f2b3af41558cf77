import { startPostgres } from "@pedidos/testing";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../connection/open-database.ts";
import type { Db } from "../connection/statements.ts";
import { migrate } from "../schema/migrate.ts";
import { migratedDatabase } from "../testing/migrated-database.ts";
import { probeRecording, probeSpool } from "./probe-recording.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe("a probe of recording", () => {
  let db: Db;
  let admin: pg.Client;
  beforeEach(async () => {
    const database = await migratedDatabase();
    closing.push(database.drop);
    db = database.db;
    admin = new pg.Client({ connectionString: database.url });
    admin.on("error", () => {});
    await admin.connect();
    closing.push(() => admin.end());
  });

  test("passes where all is well, again and again, and leaves nothing behind", async () => {
    for (let again = 0; again < 3; again++) {
      await probeRecording(db);
      await probeSpool(db);
    }
    for (const table of ["orders", "customers", "rejections", "spool", "outbox"])
      expect((await admin.query(`select from ${table}`)).rowCount).toBe(0);
  });

  test.each([
    ["a column renamed", "alter table orders rename column total to sum", "42703"],
    ["a table renamed", "alter table outbox rename to outbound", "42P01"],
    [
      "a trigger that refuses everything",
      `create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'no'; end $$; create trigger refuse before insert on orders execute function refuse()`,
      "P0001",
    ],
    ["the orders locked, as an index is made", "begin; lock table orders in share mode", "55P03"],
    ["the customers locked", "begin; lock table customers in exclusive mode", "55P03"],
  ])("fails with %s", async (_, trouble, code) => {
    await admin.query(trouble);
    await expect(probeRecording(db)).rejects.toMatchObject({ code });
    await probeSpool(db);
  });

  test("fails without a right that recording takes", async () => {
    const role = `prober_${process.pid}`;
    const url = new URL(
      (await sql<{ db: string }>`select current_database() as db`.execute(db)).rows[0]?.db ?? "",
      "http://x",
    );
    await admin.query(`create role ${role} login; grant usage on schema public to ${role};
      grant all on all tables in schema public to ${role}; grant all on all sequences in schema public to ${role}`);
    closing.push(async () => admin.query(`drop owned by ${role}; drop role ${role}`));
    const address = new URL(
      admin.host === undefined ? "postgres://x" : `postgres://${role}@${admin.host}:${admin.port}${url.pathname}`,
    );
    const less = openDatabase({ connectionString: address.href, applicationName: "test" });
    closing.push(() => less.destroy());
    await probeRecording(less);
    for (const [revoke, grant] of [
      ["revoke insert on orders from", "grant insert on orders to"],
      ["revoke all on sequence order_seq from", "grant all on sequence order_seq to"],
      ["revoke update on customers from", "grant update on customers to"],
      ["revoke delete on spool from", "grant delete on spool to"],
    ] as const) {
      await admin.query(`${revoke} ${role}`);
      await expect(probeRecording(less)).rejects.toMatchObject({ code: "42501" });
      await admin.query(`${grant} ${role}`);
    }
    await probeRecording(less);
  });
});

test("a commit that waits for a standby fails it, once by waiting, then at once and without another server process", async () => {
  const postgres = await startPostgres();
  closing.push(postgres.remove);
  await migrate({ connectionString: postgres.url, directory: "infra/sql" });
  const db = openDatabase({ connectionString: postgres.url, applicationName: "test", timeoutMs: 1_000 });
  closing.push(() => db.destroy());
  const admin = new pg.Client({ connectionString: postgres.url });
  admin.on("error", () => {});
  await admin.connect();
  closing.push(() => admin.end());
  const setStandby = async (name: string) => {
    await admin.query(`alter system set synchronous_standby_names = '${name}'`);
    await admin.query("select pg_reload_conf()");
    await expect
      .poll(async () => (await admin.query("show synchronous_standby_names")).rows)
      .toEqual([{ synchronous_standby_names: name }]);
  };
  await probeRecording(db);
  await setStandby("nobody");
  await expect
    .poll(
      () =>
        probeRecording(db).then(
          () => "passes",
          (error) => error.name,
        ),
      { timeout: 20_000 },
    )
    .toBe("LostConnection");
  const backends = async () =>
    (await admin.query("select from pg_stat_activity where wait_event = 'SyncRep'")).rowCount;
  for (let again = 0; again < 5; again++) await expect(probeSpool(db)).rejects.toThrow("standby");
  expect(await backends()).toBe(1);
  await setStandby("");
  await expect.poll(backends).toBe(0);
  await probeRecording(db);
}, 60_000);

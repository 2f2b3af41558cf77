import { readFileSync } from "node:fs";
import { type Postgres, startPostgres } from "@pedidos/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { migrate } from "../schema/migrate.ts";
import { inspectDatabase } from "./inspect-database.ts";
import { readDurability } from "./read-durability.ts";

const directory = "infra/sql";
/** Roles and settings belong to the whole server, so it is the test's own. */
let server: Postgres;
let owner: pg.Client;
beforeAll(async () => {
  server = await startPostgres({ durable: true, settings: { max_prepared_transactions: "2", wal_level: "logical" } });
  const admin = await connect(server.url);
  await admin.query(readFileSync("infra/roles.sql", "utf8"));
  await admin.end();
});
afterAll(() => server.remove());

const inDatabase = (name: string, role = "postgres") => {
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  url.username = role;
  return url.href;
};

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

let name: string;
let made = 0;
beforeEach(async () => {
  made += 1;
  name = `inspected${made}`;
  const admin = await connect(server.url);
  await admin.query(`create database ${name} owner pedidos_owner`);
  await admin.end();
  await migrate({ connectionString: inDatabase(name, "pedidos_owner"), directory });
  owner = await connect(inDatabase(name, "pedidos_owner"));
  onTestFinished(() => owner.end());
});

describe("rights and columns", () => {
  const inspect = async (role: string) => {
    const { rights, missingColumns } = await inspectDatabase(inDatabase(name, role), directory);
    return { ...rights, missingColumns };
  };
  const may = { isMeant: true, lacks: [] };

  test("each role may do what its process does, the owner what both do", async () => {
    expect(await inspect("pedidos_owner")).toEqual({ api: may, consumer: may, missingColumns: [] });
    expect(await inspect("pedidos_api")).toMatchObject({ api: may, consumer: { isMeant: false } });
    expect(await inspect("pedidos_consumer")).toMatchObject({ api: { isMeant: false }, consumer: may });
    expect(await inspect("pedidos_reader")).toMatchObject({ api: { isMeant: false }, consumer: { isMeant: false } });
  });

  test.each([
    ["revoke insert on orders from pedidos_consumer", "pedidos_consumer", "insert on orders"],
    ["revoke usage on sequence order_seq from pedidos_consumer", "pedidos_consumer", "usage on order_seq"],
    ["revoke update (status) on rejections from pedidos_api", "pedidos_api", "update (status) on rejections"],
    // One user who does everything, as without roles.
    ["revoke insert on orders from pedidos_owner", "pedidos_owner", "insert on orders"],
  ])("%s: %s lacks it", async (statement, role, lack) => {
    await owner.query(statement);
    const { api, consumer } = await inspect(role);
    expect([api, consumer].flatMap((process) => (process?.isMeant ? process.lacks : []))).toEqual([lack]);
  });

  test("a column that was renamed, or is not made yet, is missed by a user who can't even see its table", async () => {
    await owner.query("alter table customers rename total_value to value");
    const { missingColumns, consumer } = await inspect("pedidos_consumer");
    expect(missingColumns).toEqual(["customers.total_value"]);
    expect(consumer?.lacks).toEqual(["update (total_value) on customers"]);
    expect((await inspect("pedidos_reader")).missingColumns).toEqual(["customers.total_value"]);
  });
});

describe("durability", () => {
  const admin = async () => {
    const client = await connect(inDatabase(name));
    onTestFinished(() => client.end());
    return client;
  };

  test("a server as it comes: synced, on one machine, nothing held", async () => {
    expect(await readDurability(await admin())).toEqual({
      fsync: true,
      fullPageWrites: true,
      synchronousCommit: "on",
      synchronousStandbyNames: "",
      synchronousStandbys: 0,
      holds: [],
      unfrozen: expect.any(Number),
      seesOthers: true,
      newestAheadMs: null,
    });
    const { durability } = await inspectDatabase(inDatabase(name, "pedidos_consumer"), directory);
    expect(durability).toMatchObject({ seesOthers: false, synchronousStandbys: null });
  });

  test("settings that a role, a database or the server has otherwise", async () => {
    const client = await admin();
    await client.query(`alter database ${name} set synchronous_commit = off`);
    await client.query("alter system set synchronous_standby_names = 'elsewhere'");
    await client.query("select pg_reload_conf()");
    onTestFinished(async () => {
      await client.query("set synchronous_commit = local");
      await client.query("alter system reset synchronous_standby_names");
      await client.query("select pg_reload_conf()");
    });
    await expect
      .poll(async () => (await inspectDatabase(inDatabase(name), directory)).durability)
      .toMatchObject({ synchronousCommit: "off", synchronousStandbyNames: "elsewhere", synchronousStandbys: 0 });
  });

  test("transactions, prepared ones and slots that nobody uses hold vacuum or the log up", async () => {
    const [idle, preparing, looking] = await Promise.all([admin(), admin(), admin()]);
    await idle.query("set application_name = 'psql'");
    await idle.query("begin isolation level repeatable read");
    await idle.query("select from orders");
    await preparing.query("begin");
    await preparing.query("select pg_current_xact_id()");
    await preparing.query("prepare transaction 'left over'");
    await looking.query("select pg_create_physical_replication_slot('unused')");
    onTestFinished(async () => {
      await looking.query("rollback prepared 'left over'");
      await looking.query("select pg_drop_replication_slot('unused')");
      await idle.query("rollback");
    });
    const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await expect
      .poll(async () => (await readDurability(looking, 0)).holds)
      .toEqual([
        { kind: "transaction", name: "psql of postgres", pid: expect.any(Number), since },
        { kind: "prepared", name: "left over", since },
        { kind: "slot", name: "unused", isActive: false },
      ]);
    expect((await readDurability(looking)).holds).toEqual([{ kind: "slot", name: "unused", isActive: false }]);
  });

  test("an order that is recorded ahead of the clock", async () => {
    await owner.query(`insert into orders (order_id, customer_id, recorded_at, item_count, total, fingerprint, items)
      values (1, 1, clock_timestamp() + interval '20 s', 0, 0, '', '[]')`);
    const { newestAheadMs } = await readDurability(await admin());
    expect(newestAheadMs).toBeGreaterThan(10_000);
    expect(newestAheadMs).toBeLessThanOrEqual(20_000);
  });
});

test("a server that does not sync, and one that is away", async () => {
  const careless = await startPostgres();
  onTestFinished(() => careless.remove());
  const { durability, rights } = await inspectDatabase(careless.url, directory);
  expect([durability, rights]).toMatchObject([{ fsync: false, fullPageWrites: false }, null]);
  await expect(inspectDatabase("postgres://ana:secret@127.0.0.1:1/x", directory)).rejects.toThrow(/^(?!.*secret)/);
});

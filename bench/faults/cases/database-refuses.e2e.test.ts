import { mountSmallDisk, type SmallDisk } from "@pedidos/testing";
import type pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { openCase, readiness, tally } from "./open-case.ts";

type Connect = () => Promise<pg.Client>;
/** Makes trouble; → what ends it. */
type Trouble = (admin: pg.Client, connect: Connect, disk: SmallDisk | undefined) => Promise<() => unknown>;

const endSessions = (admin: pg.Client) =>
  admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pedidos%'");

const TROUBLES: Readonly<Record<string, Trouble>> = {
  async "is read-only"(admin) {
    await admin.query("alter database postgres set default_transaction_read_only = on");
    await endSessions(admin);
    return async () => {
      await admin.query("alter database postgres reset default_transaction_read_only");
      await endSessions(admin);
    };
  },
  /** Where nobody may mount a disk that can be full, what it says of one for every row that is to be written. */
  async "has no space left"(admin, _connect, disk) {
    if (disk !== undefined) {
      disk.fill();
      return disk.free;
    }
    await admin.query(`create function no_space() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
      create trigger no_space before insert on orders for each row execute function no_space();
      create trigger no_space before insert on spool for each row execute function no_space()`);
    return () => admin.query("drop function no_space cascade");
  },
  async "has no connection left"(admin, connect) {
    const taken: pg.Client[] = [];
    const takeAll = async () => {
      await endSessions(admin);
      for (;;) {
        const client = await connect().catch(() => undefined);
        if (client === undefined) return;
        taken.push(client);
      }
    };
    for (let round = 0; round < 3; round++) await takeAll();
    return () => Promise.all(taken.map((client) => client.end()));
  },
};

test.each(Object.entries(TROUBLES))(
  "13: PostgreSQL %s: orders are taken, recording pauses and says so, then recovers",
  async (_, begin) => {
    const disk = mountSmallDisk(200);
    onTestFinished(() => disk?.remove());
    const { system, http, newOrders, connect, openProducer, expectSound, watch } = await openCase({
      postgres: { settings: { max_connections: "40" }, ...(disk && { folder: disk.folder }) },
    });
    await watch();
    const admin = await connect();
    const producer = await openProducer();

    const end = await begin(admin, connect, disk);
    const { api1, consumer1, consumer2 } = system.apps;
    await producer.submit(newOrders(64), "\n");
    const taken = await Promise.all(newOrders(100).map((order) => http.api1.submit("single", [order])));
    expect(tally(taken)).toEqual({ "202": 100 });
    const states = async () => Promise.all([consumer1, consumer2].map(({ port }) => readiness(port)));
    await vi.waitFor(async () => expect((await states()).join()).toContain('"database":"down"'), {
      timeout: 30_000,
      interval: 50,
    });
    const logged = "the database can't record: waiting until it answers";
    expect([consumer1, consumer2].map(({ tail }) => tail()).join("\n")).toContain(logged);
    expect(await readiness(api1.port)).not.toContain('"unavailable"');
    await end();
    await vi.waitFor(async () => {
      for (const state of await states()) expect(state).toContain('"ready"');
    }, 30_000);
    await expectSound();
  },
  180_000,
);

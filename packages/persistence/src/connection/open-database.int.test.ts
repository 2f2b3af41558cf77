import { startPostgres } from "@pedidos/testing";
import { sql } from "kysely";
import { expect, test, vi } from "vitest";
import { openDatabase, poolUse } from "./open-database.ts";

test("a statement without an answer fails in time, and its connection is not used again", async () => {
  const postgres = await startPostgres();
  const db = openDatabase({ connectionString: postgres.url, applicationName: "late", timeoutMs: 1_000 });
  const pid = async () => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid;
  try {
    const first = await pid();
    postgres.freeze();
    await expect(pid()).rejects.toThrow("the database gave no answer within 1500 ms");
    await vi.waitFor(() => expect(poolUse(db)).toEqual({ used: 0, idle: 0, waiting: 0 }), 30_000);
    postgres.thaw();
    expect(await pid()).not.toBe(first);
    expect(await pid()).toBe(await pid());
  } finally {
    postgres.thaw();
    await db.destroy();
    await postgres.remove();
  }
});

test("a prepared statement keeps its name for the connection; an error is the database's own", async () => {
  const postgres = await startPostgres();
  const db = openDatabase({ connectionString: postgres.url, applicationName: "named", maxConnections: 1 });
  try {
    for (const value of [1, 2]) {
      const { rows } = await sql`-- prepared: twice\nselect ${value}::int * 2 as twice`.execute(db);
      expect(rows).toEqual([{ twice: value * 2 }]);
    }
    const { rows } = await sql`select name from pg_prepared_statements`.execute(db);
    expect(rows).toEqual([{ name: "twice" }]);
    await expect(sql`select 1 / 0`.execute(db)).rejects.toMatchObject({ code: "22012" });
    expect(poolUse(db)).toEqual({ used: 0, idle: 1, waiting: 0 });
  } finally {
    await db.destroy();
    await postgres.remove();
  }
});

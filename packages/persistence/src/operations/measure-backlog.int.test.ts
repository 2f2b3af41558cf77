import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { poolUse } from "../connection/open-database.ts";
import type { Db } from "../connection/statements.ts";
import { migratedDatabase } from "../testing/migrated-database.ts";
import { measureBacklog } from "./measure-backlog.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());

test("the backlog is counted, and how long the oldest has waited; nothing is 0", async () => {
  expect(await measureBacklog(db)).toEqual({
    spoolRows: 0,
    spoolSeconds: 0,
    deferredRows: 0,
    outboxRows: 0,
    outboxSeconds: 0,
    outboxRetries: 0,
  });
  await sql`insert into spool (source, body, queued_at) values ('http', '', now() - interval '1 h'), ('http', '', now())`.execute(
    db,
  );
  await sql`insert into outbox (created_at) values (now() - interval '1 min')`.execute(db);
  const { spoolRows, spoolSeconds, outboxRows, outboxSeconds } = await measureBacklog(db);
  expect([spoolRows, outboxRows]).toEqual([2, 1]);
  expect(spoolSeconds).toBeGreaterThanOrEqual(3_600);
  expect(outboxSeconds).toBeGreaterThanOrEqual(60);
  expect(outboxSeconds).toBeLessThan(3_600);
});

test("the use of a pool is reported", async () => {
  await db.connection().execute(async (held) => {
    await sql`select 1`.execute(held);
    expect(poolUse(db)).toMatchObject({ used: 1, waiting: 0 });
  });
  expect(poolUse(db)).toMatchObject({ used: 0 });
});

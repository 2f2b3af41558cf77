import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Db } from "../connection/statements.ts";
import { keepOversized, passOnOversized } from "../oversized/oversized.ts";
import { migratedDatabase } from "../testing/migrated-database.ts";
import { claimSpooled, claimSuspect } from "./claim-spooled.ts";
import { spoolClaimed, spoolOrders } from "./spool-orders.ts";
import { freeSpool, releaseSpooled } from "./spool-rows.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate spool, oversized restart identity`.execute(db);
});

const limits = { rows: 100, bytes: 1_000_000 };
const spool = (...bodies: string[]) =>
  spoolOrders(
    db,
    bodies.map((body) => ({ source: "http", body: Buffer.from(body) })),
  );
const leasesRunOut = () => sql`update spool set leased_until = now() - interval '1 s'`.execute(db);

test("bytes come back as they went in, the oldest first", async () => {
  const bytes = Buffer.from([0, 255, 10, 13, 123]);
  await spoolOrders(db, [
    { source: "replay", body: bytes },
    { source: "pedidos", body: Buffer.alloc(0) },
  ]);
  expect(await claimSpooled(db, limits)).toEqual([
    { spoolId: 1, source: "replay", body: bytes, tries: 1, queuedAt: expect.any(Number) },
    { spoolId: 2, source: "pedidos", body: Buffer.alloc(0), tries: 1, queuedAt: expect.any(Number) },
  ]);
});

test("rows spooled and claimed in one commit are as if claimed: in order, one try counted, nobody else's", async () => {
  const rows = [Buffer.from("a"), Buffer.from([0, 255]), Buffer.alloc(0)].map((body) => ({
    source: "http" as const,
    body,
  }));
  expect(await spoolClaimed(db, rows)).toEqual(
    rows.map((row, index) => ({ ...row, spoolId: index + 1, tries: 1, queuedAt: expect.any(Number) })),
  );
  expect(await claimSpooled(db, limits)).toEqual([]);
  await leasesRunOut();
  expect(await claimSpooled(db, limits)).toEqual(
    rows.map((row, index) => ({ ...row, spoolId: index + 1, tries: 2, queuedAt: expect.any(Number) })),
  );
});

test("a trace's context comes back with its row, on every road; rows without one have none", async () => {
  const rows = ["00-a-b-01", undefined].map((traceparent) => ({
    source: "http" as const,
    body: Buffer.from("x"),
    traceparent,
  }));
  await spoolOrders(db, rows);
  const contexts = (claimed: readonly { traceparent?: string | undefined }[]) =>
    claimed.map(({ traceparent }) => traceparent);
  expect(contexts(await claimSpooled(db, limits))).toEqual(["00-a-b-01", undefined]);
  expect(contexts(await spoolClaimed(db, rows))).toEqual(["00-a-b-01", undefined]);
  await leasesRunOut();
  expect(contexts(await claimSpooled(db, limits))).toEqual(["00-a-b-01", undefined, "00-a-b-01", undefined]);
  await leasesRunOut();
  expect((await claimSuspect(db))?.traceparent).toBe("00-a-b-01");
});

test("a claimed row is nobody else's until its lease runs out", async () => {
  await spool("a", "b");
  expect(await claimSpooled(db, limits)).toHaveLength(2);
  expect(await claimSpooled(db, limits)).toEqual([]);
  await leasesRunOut();
  expect((await claimSpooled(db, limits)).map((row) => row.tries)).toEqual([2, 2]);
});

test("a claim is bounded in rows and in bytes, but takes at least one", async () => {
  await spool("x".repeat(60), "y".repeat(60), "z".repeat(60));
  expect(await claimSpooled(db, { rows: 100, bytes: 1 })).toHaveLength(1);
  expect(await claimSpooled(db, { rows: 1, bytes: 1_000 })).toHaveLength(1);
  expect(await claimSpooled(db, { rows: 100, bytes: 100 })).toHaveLength(1);
});

test("claims at once take different rows", async () => {
  await spool(...Array.from({ length: 200 }, (_, i) => `${i}`));
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimSpooled(db, { rows: 25, bytes: 10_000 })));
  const ids = claims.flat().map((row) => row.spoolId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(200);
});

describe("suspicion", () => {
  test("a row that was tried twice is tried alone from then on", async () => {
    await spool("a");
    await claimSpooled(db, limits);
    await leasesRunOut();
    expect(await claimSuspect(db)).toBeUndefined();
    await claimSpooled(db, limits);
    await leasesRunOut();
    expect(await claimSpooled(db, limits)).toEqual([]);
    expect((await claimSuspect(db))?.tries).toBe(3);
    expect(await claimSuspect(db)).toBeUndefined();
  });

  test("a message that came back has one try behind it, and is still tried in a batch once", async () => {
    await spoolOrders(db, [{ source: "http", body: Buffer.from("a"), tries: 1 }]);
    expect((await claimSpooled(db, limits)).map((row) => row.tries)).toEqual([2]);
    await leasesRunOut();
    expect(await claimSpooled(db, limits)).toEqual([]);
    expect((await claimSuspect(db))?.tries).toBe(3);
  });

  test("rows that an outage interrupted are released uncounted, and tried alone next", async () => {
    await spool("a");
    await claimSpooled(db, limits);
    await releaseSpooled(db, [1], "interrupted");
    expect(await claimSpooled(db, limits)).toEqual([]);
    expect((await claimSuspect(db))?.tries).toBe(1);
    await releaseSpooled(db, [1], "tried_alone");
    expect((await claimSuspect(db))?.tries).toBe(2);
  });

  test("a row that is released twice, because the first answer was lost, loses one try", async () => {
    await spool("a");
    await claimSpooled(db, limits);
    await leasesRunOut();
    await claimSpooled(db, limits);
    await releaseSpooled(db, [1], "interrupted");
    await releaseSpooled(db, [1], "interrupted");
    expect((await claimSuspect(db))?.tries).toBe(2);
  });

  test("a row that only waited is released as if it had not been claimed", async () => {
    await spool("a");
    for (let again = 0; again < 6; again++) {
      expect((await claimSpooled(db, limits)).map((row) => row.tries)).toEqual([1]);
      await releaseSpooled(db, [1], "untried");
    }
  });
});

test("the only process of a database frees what an earlier one had claimed", async () => {
  await spool("a");
  await claimSpooled(db, limits);
  await freeSpool(db);
  expect(await claimSpooled(db, limits)).toHaveLength(1);
});

test("an oversized body is deleted only once it is handed on", async () => {
  await keepOversized(db, { source: "pedidos", body: Buffer.from("big") });
  expect(await passOnOversized(db, async () => false)).toBe(false);
  const seen: string[] = [];
  const publish = async ({ body }: { body: Buffer }) => seen.push(String(body)) > 0;
  expect(await passOnOversized(db, publish)).toBe(true);
  expect(await passOnOversized(db, publish)).toBe(false);
  expect(seen).toEqual(["big"]);
});

test("a body that the dead letters do not take waits longer after each attempt, and delays no other", async () => {
  for (const text of ["first", "second"]) await keepOversized(db, { source: "pedidos", body: Buffer.from(text) });
  const attempts: string[] = [];
  const refuse = async ({ body }: { body: Buffer }) => attempts.push(String(body)) < 0;
  for (let attempt = 0; attempt < 8; attempt++) await passOnOversized(db, refuse);
  expect(attempts).toEqual(["first", "first", "second", "second"]);
});

test("no transaction is open while a body is being sent, and no other process sends it meanwhile", async () => {
  await keepOversized(db, { source: "pedidos", body: Buffer.from("big") });
  let [inTransaction, inner]: unknown[] = [];
  await passOnOversized(db, async () => {
    ({ rows: inTransaction } = await sql`
      select pid from pg_stat_activity where datname = current_database() and state = 'idle in transaction'
    `.execute(db));
    inner = await passOnOversized(db, async () => true);
    return true;
  });
  expect([inTransaction, inner]).toEqual([[], false]);
});

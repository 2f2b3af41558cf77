import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Db } from "../connection/statements.ts";
import { findLockedCustomers } from "../customers/find-customers.ts";
import { measureBacklog } from "../operations/measure-backlog.ts";
import { recordOrders } from "../recording/record-orders.ts";
import { anOrder, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { claimDeferred, claimSpooled, claimSuspect } from "./claim-spooled.ts";
import { deferSubmissions } from "./defer-submissions.ts";
import { spoolOrders } from "./spool-orders.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate spool, orders, customers restart identity`.execute(db);
});

const limits = { rows: 100, bytes: 1_000_000 };
const row = (text: string) => ({ source: "http" as const, body: Buffer.from(text) });
const due = () => sql`update spool set retry_at = now() - interval '1 s' where retry_at is not null`.execute(db);

test("a deferred row waits longer each time, is claimed apart from others, and no try of it counts", async () => {
  await spoolOrders(db, [row("spooled")]);
  const [claimed] = await claimSpooled(db, limits);
  await deferSubmissions(db, [
    { ...row("delivered"), orderId: 7, isSuspect: false, code: "55P03" },
    { ...row("spooled"), spoolId: claimed?.spoolId, orderId: null, isSuspect: false, code: "P0001" },
  ]);
  expect(await claimSpooled(db, limits)).toEqual([]);
  expect(await claimDeferred(db, limits)).toEqual([]);
  expect((await measureBacklog(db)).deferredRows).toBe(2);
  for (let refusals = 1; refusals < 7; refusals++) {
    const { rows } = await sql`select refusals, round(extract(epoch from retry_at - now()))::integer as wait,
      tries, suspect from spool`.execute(db);
    expect(rows).toEqual(
      Array(2).fill({ refusals, wait: Math.min(15, 2 ** (refusals - 1)), tries: 0, suspect: false }),
    );
    await due();
    const again = await claimDeferred(db, limits);
    expect(again.map(({ body, tries }) => [String(body), tries])).toEqual([
      ["spooled", 1],
      ["delivered", 1],
    ]);
    await deferSubmissions(
      db,
      again.map((one) => ({ ...one, orderId: 7, isSuspect: false, code: "55P03" })),
    );
  }
  const { rows } = await sql`select order_id, refused_for from spool`.execute(db);
  expect(rows).toEqual(Array(2).fill({ order_id: 7, refused_for: "55P03" }));
});

test("a suspect that is deferred stays one, and is not tried before it is due", async () => {
  await spoolOrders(db, [{ ...row("a"), tries: 3, suspect: true }]);
  const suspect = await claimSuspect(db);
  await deferSubmissions(db, [{ ...row("a"), spoolId: suspect?.spoolId, orderId: 1, isSuspect: true, code: "55P03" }]);
  expect(await claimSuspect(db)).toBeUndefined();
  await due();
  expect(await claimDeferred(db, limits)).toEqual([]);
  expect((await claimSuspect(db))?.tries).toBe(4);
});

test("customers whose row somebody holds are found without waiting, all others are not among them", async () => {
  await recordOrders(db, [submitted(anOrder(1, 1)), submitted(anOrder(2, 2))]);
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = db.transaction().execute(async (tx) => {
    await sql`update customers set order_count = order_count where customer_id = 2`.execute(tx);
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  expect([...(await findLockedCustomers(db, [1, 2, 3]))]).toEqual([2]);
  held.resolve();
  await holding;
  expect([...(await findLockedCustomers(db, [1, 2, 3]))]).toEqual([]);
});

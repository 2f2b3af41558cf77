import { type RawBuilder, sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Db } from "../connection/statements.ts";
import { listOrders } from "../orders/list-orders.ts";
import { recordOrders, type Submission } from "../recording/record-orders.ts";
import { stamp } from "../recording/stamp.ts";
import { anOrder, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { type Change, type ChangePosition, comparePositions, listChanges, startOf } from "./list-changes.ts";
import { microsOf, openHorizon, readTransactions, type Transactions } from "./open-horizon.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate orders, customers, rejections, outbox, spool restart identity`.execute(db);
});

const record = (...ids: number[]) =>
  recordOrders(
    db,
    ids.map((id) => submitted(anOrder(id))),
  );
const bad = (text: string): Submission => ({
  kind: "rejected",
  reason: "invalid_json",
  orderId: null,
  faults: [],
  source: "http",
  body: Buffer.from(text),
});
const PATIENCE_MS = 20_000;
const horizon = () => {
  const read = openHorizon(() => readTransactions(db));
  return async (patienceMs?: number) => (await read(patienceMs)) ?? "-infinity";
};
const nameOf = ({ event: { type, data } }: Change) =>
  type === "order.recorded" ? `order ${data.orderId}` : `rejection ${data.rejectionId}`;

async function changes(limit: number, before: string, from: ChangePosition | null = null) {
  const all: Change[] = [];
  for (let after = from; ; ) {
    const page = await listChanges(db, { after, before, limit });
    if (page.length === 0) return all;
    all.push(...page);
    after = page.at(-1)?.position ?? after;
  }
}

/** Ends what a test that failed has left open. */
let open = async () => {};
afterEach(() => open());

/**
 * Records an order in a transaction that stays open until `commit`, on a connection of its own.
 *
 * @param secondsAgo when it was stamped, if not just now
 */
async function recordSlowly(orderId: number, secondsAgo?: number) {
  const inserted = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const done = db.transaction().execute(async (tx) => {
    // As a batch that has inserted and is not yet done.
    await insertAt(orderId, secondsAgo === undefined ? stamp : ago(secondsAgo)).execute(tx);
    inserted.resolve();
    await held.promise;
  });
  await Promise.race([inserted.promise, done]);
  open = async () => {
    held.resolve();
    await done;
  };
  return {
    commit: open,
  };
}

const ago = (seconds: number) => sql<string>`clock_timestamp() - ${seconds} * interval '1 s'`;
const insertAt = (orderId: number, time: RawBuilder<string>) =>
  sql`insert into orders (order_id, customer_id, recorded_at, item_count, total, items)
    values (${orderId}::bigint, 1, ${time}, 1, 1, '[]')`;

/** A reader that polls, each time from where it was, and reads up to the horizon. */
function openReader(read = horizon()) {
  let place: ChangePosition | null = null;
  const seen: string[] = [];
  return {
    seen,
    async read(patienceMs: number) {
      const before = await read(patienceMs);
      const found = await changes(10, before, place);
      seen.push(...found.map(nameOf));
      place = found.at(-1)?.position ?? place;
      if (before !== "-infinity" && (place === null || comparePositions(startOf(before), place) > 0))
        place = startOf(before);
    },
  };
}

describe("the feed of changes", () => {
  test.each([1, 2, 3, 100])("in pages of %i has every order and rejection once, oldest first", async (limit) => {
    await record(3, 1);
    await recordOrders(db, [bad("a"), submitted(anOrder(2)), submitted(anOrder(1, 9))]);
    await recordOrders(db, [bad("b"), bad("a")]);
    await record(4);
    const all = await changes(limit, await horizon()(PATIENCE_MS));
    expect(all.map(nameOf)).toEqual(["order 3", "order 1", "order 2", ...all.slice(3, 6).map(nameOf), "order 4"]);
    expect(all.slice(3, 6).map(nameOf).sort()).toEqual(["rejection 1", "rejection 2", "rejection 3"]);
    expect(all.map((one) => one.position).toSorted(comparePositions)).toEqual(all.map((one) => one.position));
    expect(all[0]).toMatchObject({ event: { data: { orderId: 3, customerId: 1, total: "3.00", itemCount: 1 } } });
    expect(all[3]).toMatchObject({ event: { data: { rejectionId: expect.any(Number) }, time: expect.any(String) } });
  });

  test("of one time has orders before rejections, and a page may end between them", async () => {
    await record(1, 2);
    await recordOrders(db, [bad("a"), bad("b")]);
    await sql`update orders set recorded_at = '2026-01-01T00:00:00.5Z'`.execute(db);
    await sql`update rejections set first_seen_at = '2026-01-01T00:00:00.5Z'`.execute(db);
    const names = (await changes(1, await horizon()())).map(nameOf);
    expect(names).toEqual(["order 1", "order 2", "rejection 1", "rejection 2"]);
  });

  test("delays what is later than a transaction that is under way, and then has both in order", async () => {
    const read = horizon();
    await record(1);
    await read(PATIENCE_MS);
    const slow = await recordSlowly(2);
    await record(3);
    expect((await changes(10, await read(100))).map(nameOf)).toEqual(["order 1"]);
    await slow.commit();
    expect((await changes(10, await read(PATIENCE_MS))).map(nameOf)).toEqual(["order 1", "order 2", "order 3"]);
  });

  test("whose horizon is fresh where a transaction is under way waits for that one, however busy it is", async () => {
    const slow = await recordSlowly(1);
    expect((await readTransactions(db)).open).toHaveLength(1);
    const asked = horizon()(PATIENCE_MS);
    await record(2);
    await slow.commit();
    expect((await changes(10, await asked)).map(nameOf)).toContain("order 1");
  });

  test("waits for a transaction however long ago it recorded, and gives what it recorded then", async () => {
    const reader = openReader();
    await insertAt(1, ago(180)).execute(db);
    await reader.read(PATIENCE_MS);
    const stalled = await recordSlowly(2, 120);
    await record(3);
    await reader.read(100);
    expect(reader.seen).toEqual(["order 1"]);
    await stalled.commit();
    await reader.read(PATIENCE_MS);
    expect(reader.seen).toEqual(["order 1", "order 2", "order 3"]);
  });

  test("is not delayed by a transaction that writes something else", async () => {
    await db.transaction().execute(async (tx) => {
      await sql`insert into outbox default values`.execute(tx);
      await record(1);
      expect((await changes(10, await horizon()())).map(nameOf)).toEqual(["order 1"]);
    });
  });

  test("is two walks on indexes, not sorts of a table", async () => {
    await record(...Array.from({ length: 2_000 }, (_, index) => index + 1));
    await recordOrders(
      db,
      Array.from({ length: 500 }, (_, index) => bad(`${index}`)),
    );
    await sql`analyze orders, rejections`.execute(db);
    const plan = async (table: string, number: string, time: string) => {
      const { rows } = await sql<{ "QUERY PLAN": string }>`explain select * from ${sql.raw(table)}
        where (${sql.raw(`${time}, ${number}`)}) > (now() - interval '1 h', 5) and ${sql.raw(time)} < now()
        order by ${sql.raw(`${time}, ${number}`)} limit 50`.execute(db);
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    };
    for (const text of [
      await plan("orders", "seq", "recorded_at"),
      await plan("rejections", "rejection_id", "first_seen_at"),
    ])
      expect(text).toMatch(/Limit.*\n.*Index Scan/);
  });
});

describe("a clock that was set back", () => {
  const recordedAt = async (orderId: number) =>
    (await db.selectFrom("orders").select("recorded_at").where("order_id", "=", orderId).executeTakeFirstOrThrow())
      .recorded_at;

  test.each([true, false])(
    "sets nothing before what was recorded, where new orders are expected: %s",
    async (expectNew) => {
      const reader = openReader();
      await insertAt(1, ago(-20)).execute(db);
      await reader.read(PATIENCE_MS);
      const submissions = [submitted(anOrder(2)), ...(expectNew ? [] : [bad("a")])];
      const { announcement } = await recordOrders(db, submissions, { expectNew });
      await recordOrders(db, [bad("b")], { expectNew });
      await record(3);
      expect(announcement.events[0]?.time).toBe(await recordedAt(2));
      const times = await Promise.all([1, 2, 3].map(recordedAt));
      expect(times.map(microsOf)).toEqual(times.map(microsOf).toSorted((a, b) => a - b));
      expect(new Set(times).size).toBe(3);
      await reader.read(PATIENCE_MS);
      const rejections = expectNew ? ["rejection 1"] : ["rejection 1", "rejection 2"];
      expect(reader.seen).toEqual(["order 1", "order 2", ...rejections, "order 3"]);
    },
  );

  test("sets nothing before a rejection either, and pages of orders are each once", async () => {
    await recordOrders(db, [bad("a")]);
    await sql`update rejections set first_seen_at = ${ago(-20)}`.execute(db);
    const [first] = await changes(10, await horizon()(PATIENCE_MS));
    expect(first && nameOf(first)).toBe("rejection 1");
    for (const id of [5, 4, 3]) await record(id);
    const page = await listOrders(db, { limit: 2 });
    await record(2);
    const rest = await listOrders(db, { limit: 2, ...(page.next && { after: page.next }) });
    expect([...page.orders, ...rest.orders].map(({ orderId }) => orderId)).toEqual([3, 4, 5]);
    const later = await changes(10, await horizon()(PATIENCE_MS), first?.position);
    expect(later.map(nameOf)).toEqual(["order 5", "order 4", "order 3", "order 2"]);
  });

  test.each([
    ["orders", submitted(anOrder(2)), true],
    ["orders", submitted(anOrder(2)), false],
    ["rejections", bad("a"), true],
  ] as const)(
    "is compared in a snapshot that comes after the lock on %s (%#)",
    async (table, submission, expectNew) => {
      // Prepared already, on every connection.
      await Promise.all(Array.from({ length: 12 }, (_, index) => record(100 + index)));
      const before = await horizon()(PATIENCE_MS);
      const waiting = await db.transaction().execute(async (tx) => {
        await sql`lock table ${sql.table(table)} in share mode`.execute(tx);
        const recording = recordOrders(db, [submission], { expectNew });
        await vi.waitFor(async () => {
          const { rows } = await sql`select from pg_locks where mode = 'RowExclusiveLock' and not granted
            and relation = ${table}::regclass`.execute(db);
          expect(rows).toHaveLength(1);
        }, 20_000);
        await insertAt(1, ago(-20)).execute(tx);
        return { recording };
      });
      await waiting.recording;
      const all = await changes(10, await horizon()(PATIENCE_MS), startOf(before));
      expect(all.map(nameOf)).toEqual(["order 1", table === "orders" ? "order 2" : "rejection 1"]);
    },
  );
});

describe("a horizon", () => {
  const at = (second: number) => `2026-11-24T12:00:${String(second).padStart(2, "0")}.5Z`;

  test("is the newest of a reading once those that were recording then have ended, and never goes back", async () => {
    const readings = [
      { before: at(1), open: [] },
      { before: at(2), open: ["3/1", "4/1"] },
      { before: at(3), open: ["4/1", "5/1"] },
      { before: at(4), open: ["5/1"] },
      { before: at(5), open: ["5/1", "4/2"] },
      { before: at(6), open: ["4/2"] },
      { before: at(4), open: [] },
      { before: at(7), open: [] },
    ];
    const read = openHorizon(async () => readings.shift() ?? Promise.reject(new Error("none left")));
    const seen: (string | null)[] = [];
    while (readings.length > 0) seen.push(await read());
    expect(seen).toEqual([at(1), at(1), at(1), at(2), at(2), at(4), at(6), at(7)]);
  });

  test("is unknown while what was recording at the first reading does not end", async () => {
    const read = openHorizon(async () => ({ before: at(30), open: ["3/1"] }));
    expect(await read()).toBeNull();
  });

  test("takes readings one after the other; a caller meanwhile shares the next", async () => {
    const looks: PromiseWithResolvers<Transactions>[] = [];
    const read = openHorizon(() => {
      const look = Promise.withResolvers<Transactions>();
      looks.push(look);
      return look.promise;
    });
    const first = read();
    await vi.waitFor(() => expect(looks).toHaveLength(1), 30_000);
    const others = [read(), read(), read()];
    looks[0]?.resolve({ before: at(1), open: [] });
    expect(await first).toBe(at(1));
    await vi.waitFor(() => expect(looks).toHaveLength(2), 30_000);
    looks[1]?.resolve({ before: at(2), open: [] });
    expect(await Promise.all(others)).toEqual([at(2), at(2), at(2)]);
    expect(looks).toHaveLength(2);
  });

  test("fails where the database does not answer, and goes on when it does", async () => {
    const answers = [Promise.reject(new Error("away")), Promise.resolve({ before: at(1), open: [] })];
    answers[0]?.catch(() => {});
    const read = openHorizon(() => answers.shift() ?? Promise.reject(new Error("none left")));
    await expect(read()).rejects.toThrow("away");
    expect(await read()).toBe(at(1));
  });
});

test("times without a fraction, and with a short one, are compared as times", () => {
  const order = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.000001Z",
    "2026-01-01T00:00:00.25Z",
    "2026-01-01T00:00:01Z",
  ];
  expect(
    order
      .map(startOf)
      .toSorted(comparePositions)
      .map(({ time }) => time),
  ).toEqual(order);
});

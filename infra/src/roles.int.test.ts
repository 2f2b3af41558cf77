import { parseOrder } from "@pedidos/domain";
import {
  compareCustomers,
  compareOrders,
  countOrders,
  type Db,
  discardRejection,
  findCustomer,
  findOrder,
  findOutcomes,
  findRejection,
  identityOf,
  inspectDatabase,
  listAudit,
  listOrders,
  listRejections,
  measureBacklog,
  openDatabase,
  openRecorderStore,
  probeSpool,
  readConsuming,
  repairCustomer,
  replayRejection,
  runExclusively,
  setConsuming,
  spoolOrders,
  traceOrder,
  walkOrders,
  walkPedidos,
  writeAudit,
} from "@pedidos/persistence";
import { afterAll, beforeAll, expect, test } from "vitest";
import { directory, type GuardedPostgres, query, startGuardedPostgres } from "./start-guarded-postgres.ts";

const by = (actor: string | null) => ({ actor, requestId: "r-1", address: "10.0.0.7" });

let server: GuardedPostgres;
beforeAll(async () => {
  server = await startGuardedPostgres();
});
afterAll(() => server.remove());

async function withDatabase<Result>(role: string, use: (db: Db) => Promise<Result>): Promise<Result> {
  const db = openDatabase({ connectionString: server.urlOf(role), applicationName: "test", maxConnections: 2 });
  try {
    return await use(db);
  } finally {
    await db.destroy();
  }
}

const body = (orderId: number) =>
  Buffer.from(`{"orderId":${orderId},"customerId":1,"items":[{"product":"pen","quantity":2,"unitPrice":"1.50"}]}`);

function orderOf(orderId: number) {
  const parsed = parseOrder(JSON.parse(body(orderId).toString()));
  if (parsed.kind === "faults") throw new Error("the test's own order is faulty");
  return parsed.order;
}

test("the consumer's role does all that the consumer does", async () => {
  await withDatabase("pedidos_consumer", async (db) => {
    const store = openRecorderStore(db);
    await store.probe();
    expect(await store.findDue()).toEqual({ suspect: false, deferred: false });
    expect([...(await store.findLockedCustomers([1]))]).toEqual([]);
    expect(await store.isPaused()).toBe(false);
    await store.spool([{ source: "http", body: body(1), tries: 1 }]);
    await store.release(await claimedIds(store), "interrupted");
    const suspect = await store.claimSuspect();
    const submission = { kind: "order", order: orderOf(1), source: "http", body: body(1) } as const;
    const rejected = { kind: "rejected", reason: "invalid_json", orderId: null, faults: [], source: "http" } as const;
    await store.defer([{ source: "http", body: body(9), orderId: 9, isSuspect: false, code: "55P03" }]);
    expect(await store.claimDeferred({ rows: 10, bytes: 1e6 })).toEqual([]);
    await db.deleteFrom("spool").where("order_id", "=", 9).execute();
    const bad = { ...rejected, body: Buffer.from("{") };
    const batch = [{ ...submission, spoolId: suspect?.spoolId ?? 0 }, bad, bad];
    const { outcomes, announcement } = await store.record(batch, []);
    expect(outcomes).toEqual(["recorded", "rejected", "rejected"]);
    await store.record([submission, bad], announcement.outboxIds.slice(0, 1));
    await store.record([{ ...bad, body: Buffer.from("[") }], []);
    await store.postponeRefused(announcement.outboxIds);
    for (const outcome of ["unavailable", "announced"] as const)
      expect(await store.sweep({ of: { olderThanMs: 0 }, most: 1 }, async () => outcome)).toMatchObject([{ outcome }]);
    await store.deleteAnnounced(announcement.outboxIds);
    await store.keepOversized({ source: "pedidos", body: Buffer.alloc(10) });
    expect(await store.passOnOversized(async () => true)).toBe(true);
  });
});

async function claimedIds(store: ReturnType<typeof openRecorderStore>): Promise<number[]> {
  const claimed = await store.claim({ rows: 10, bytes: 1e6 });
  return claimed.map((row) => row.spoolId);
}

test("the API's role takes in, reads back and closes rejections", async () => {
  await withDatabase("pedidos_api", async (db) => {
    await probeSpool(db);
    await spoolOrders(db, [{ source: "http", body: body(2) }]);
    expect(await findOrder(db, 1)).toMatchObject({ total: "3.00" });
    expect(await measureBacklog(db)).toMatchObject({ spoolRows: 1 });
    expect(await traceOrder(db, 1)).toMatchObject({ recorded: { isAnnounced: true } });
    expect(await traceOrder(db, 3)).toMatchObject({ recorded: null, spool: { orders: 1 } });
    expect(await compareOrders(db, [orderOf(1), orderOf(3)].map(identityOf))).toMatchObject([
      { kind: "recorded" },
      { kind: "missing" },
    ]);
    expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 1 });
    expect((await listOrders(db, { customerId: 1, limit: 10 })).orders).toHaveLength(1);
    for await (const page of walkOrders(db, {})) expect(page).toHaveLength(1);
    for await (const page of walkPedidos(db, 1)) expect(page).toHaveLength(1);
    expect(await findOutcomes(db, [identityOf(orderOf(1))])).toMatchObject([{ kind: "recorded" }]);
    const { rejections } = await listRejections(db, { limit: 10 });
    const [first, second] = rejections.map((rejection) => rejection.rejectionId);
    expect(await findRejection(db, first ?? 0)).toMatchObject({ status: "open" });
    expect(await replayRejection(db, first ?? 0, { body: body(3), corrected: true }, by("ana"))).toBe("replayed");
    expect(await discardRejection(db, second ?? 0, by(null))).toBe("discarded");
    expect(await listAudit(db, { limit: 10 })).toMatchObject([{ actor: null }, by("ana")]);
  });
});

test("the API's role pauses consuming, and puts a customer's sums right", async () => {
  const damage = "update customers set order_count = 7, total_value = 1";
  expect(await server.attempt("pedidos_owner", damage)).toBe("done");
  await withDatabase("pedidos_api", async (db) => {
    expect(await setConsuming(db, true, by("ana"))).toMatchObject({ paused: true, by: "ana" });
    expect(await readConsuming(db)).toMatchObject({ paused: true });
    await setConsuming(db, false, by(null));
    const before = "2020-01-01T00:00:00Z";
    expect(await countOrders(db, { after: null, before, limit: 10 })).toEqual({ customers: [], next: null });
    const compared = await compareCustomers(db, { counted: [], after: 0, upTo: 10, before });
    expect(compared.differing).toMatchObject([{ customerId: 1, counted: { orderCount: 1, totalValue: "3.00" } }]);
    const repaired = await repairCustomer(db, { customerId: 1, counted: undefined, before }, by(null));
    expect(repaired).toMatchObject({ recorded: { orderCount: 7 }, counted: { orderCount: 1 } });
    expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 1, totalValue: "3.00" });
    const audit = () => writeAudit(db, { ...by(null), action: "dead_letter.requeued", detail: {} });
    expect(await runExclusively(db, "dead letters", audit)).toBeUndefined();
  });
});

test("the reader's role reads what is documented", async () => {
  for (const name of ["orders", "order_items", "customers", "rejections", "pedidos"])
    expect(await server.attempt("pedidos_reader", `select * from ${name}`), name).toBe("done");
});

const DENIED = "42501";
const READ_ONLY = "25006";

test.each([
  ["pedidos_api", "insert into orders (order_id) values (9)"],
  ["pedidos_api", "update orders set total = 0"],
  ["pedidos_api", "delete from orders"],
  ["pedidos_api", "update customers set customer_id = 2"],
  ["pedidos_api", "delete from customers"],
  ["pedidos_api", "insert into consuming default values"],
  ["pedidos_api", "delete from consuming"],
  ["pedidos_api", "update rejections set body = ''"],
  ["pedidos_api", "delete from rejections"],
  ["pedidos_api", "select body from spool"],
  ["pedidos_api", "insert into spool (source, body, leased_until) values ('http', '', now())"],
  ["pedidos_api", "delete from spool"],
  ["pedidos_api", "delete from outbox"],
  ["pedidos_api", "select from oversized"],
  ["pedidos_api", "update audit set actor = 'another'"],
  ["pedidos_api", "delete from audit"],
  ["pedidos_api", "insert into audit (action, done_at) values ('rejection.discarded', '2020-01-01')"],
  ["pedidos_api", "select nextval('order_seq')"],
  ["pedidos_api", "select from pedidos_migrations_of_public.files"],
  ["pedidos_api", "create table mine ()"],
  ["pedidos_api", "set role pedidos_owner"],
  ["pedidos_consumer", "update orders set total = 0"],
  ["pedidos_consumer", "delete from orders"],
  ["pedidos_consumer", "truncate spool"],
  ["pedidos_consumer", "update customers set customer_id = 2"],
  ["pedidos_consumer", "delete from customers"],
  ["pedidos_consumer", "update rejections set status = 'discarded'"],
  ["pedidos_consumer", "delete from rejections"],
  ["pedidos_consumer", "update outbox set order_ids = '{}'"],
  ["pedidos_consumer", "select setval('order_seq', 1)"],
  ["pedidos_consumer", "alter table orders add column mine int"],
  ["pedidos_consumer", "select from pedidos"],
  ["pedidos_consumer", "create table mine ()"],
  ["pedidos_consumer", "select from audit"],
  ["pedidos_consumer", "update consuming set paused = true"],
  ["pedidos_consumer", "select changed_by from consuming"],
  ["pedidos_reader", "select from audit"],
  ["pedidos_reader", "select from consuming"],
  ["pedidos_reader", "select from spool"],
  ["pedidos_reader", "select from outbox"],
  ["pedidos_reader", "select from oversized"],
  ["pedidos_reader", "select from pedidos_migrations_of_public.files"],
  ["pedidos_reader", "set transaction read write; delete from orders"],
  ["pedidos_owner", "create role mine"],
  ["pedidos_owner", "create database mine"],
  ["pedidos_owner", "copy orders to '/tmp/orders'"],
])("%s is denied: %s", async (role, text) => {
  expect(await server.attempt(role, text)).toBe(DENIED);
});

test("a reader's transaction writes nothing unless it asks to", async () => {
  expect(await server.attempt("pedidos_reader", "create temporary table mine as select 1 as x")).not.toBe("done");
  expect(await server.attempt("pedidos_reader", "delete from orders")).toBe(READ_ONLY);
});

test("every role has its search path and its limits", async () => {
  for (const role of ["pedidos_api", "pedidos_consumer", "pedidos_reader"]) {
    const [limits] = await query(
      server.urlOf(role),
      `select current_setting('search_path') as path, current_setting('statement_timeout') <> '0' as statement,
        current_setting('lock_timeout') <> '0' as lock, current_setting('idle_in_transaction_session_timeout') <> '0' as idle`,
    );
    expect(limits, role).toEqual({ path: "public", statement: true, lock: true, idle: true });
  }
});

test("which files are applied is for the owner to see", async () => {
  expect((await inspectDatabase(server.urlOf("pedidos_owner"), directory)).pending).toEqual([]);
  for (const role of ["pedidos_api", "pedidos_consumer", "pedidos_reader"])
    expect((await inspectDatabase(server.urlOf(role), directory)).pending, role).toBeNull();
});

import { openConsumer, openPublisher } from "@pedidos/messaging";
import { listRejections, migrate, openDatabase, spoolOrders } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { freshDatabase, freshVirtualHost } from "@pedidos/testing";
import amqp from "amqplib";
import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openRecorder } from "./open-recorder.ts";
import { openRecorderStore } from "./recorder-store.ts";

const log: Log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const order = (orderId: number, { customer = 1, product = "pen" } = {}) =>
  `{"orderId":${orderId},"customerId":${customer},"items":[{"product":"${product}","quantity":2,"unitPrice":"1.50"}]}`;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A recorder on real parts, which records as a user that has just the rights it needs; and an administrator's session. */
async function start({ prepare = "" } = {}) {
  const [vhost, database] = [await freshVirtualHost(), await freshDatabase()];
  closing.push(vhost.drop, database.drop);
  await migrate({ connectionString: database.url, directory: "infra/sql" });
  const connect = async () => {
    const client = new pg.Client({ connectionString: database.url });
    client.on("error", () => {});
    await client.connect();
    closing.push(() => client.end());
    return client;
  };
  const admin = await connect();
  const name = new URL(database.url).pathname.slice(1);
  const user = `u_${name}`;
  await admin.query(`create role ${user} login; grant usage on schema public to ${user};
    grant all on all tables in schema public to ${user}; grant all on all sequences in schema public to ${user}; ${prepare}`);
  closing.push(() => admin.query(`drop owned by ${user}; drop role ${user}`));
  const url = new URL(database.url);
  url.username = user;
  const db = openDatabase({ connectionString: url.href, applicationName: "test" });
  closing.push(() => db.destroy());
  const connection = { url: vhost.url, name: "test", log };
  const store = openRecorderStore(db);
  const record = vi.fn(store.record);
  const recorder = openRecorder({
    store: { ...store, record },
    broker: {
      publisher: openPublisher(connection),
      consume: (onDelivery) => openConsumer({ ...connection, prefetch: 200, pedidosQueue: "off", onDelivery }),
    },
    log,
  });
  closing.push(recorder.stop);
  await until(() => expect(recorder.status()).toEqual({ broker: "up", database: "up" }));
  const client = await amqp.connect(vhost.url);
  closing.push(() => client.close());
  const channel = await client.createConfirmChannel();
  const publish = async (bodies: readonly string[]) => {
    channel.publish("orders", "order.submitted", Buffer.from(bodies.join("\n")), {
      persistent: true,
      contentType: "application/x-ndjson",
    });
    await channel.waitForConfirms();
  };
  const recorded = async () => (await admin.query<{ n: number }>("select count(*)::integer n from orders")).rows[0]?.n;
  const rejections = async () =>
    (await listRejections(db, { limit: 200 })).rejections.map(({ reason, errors }) => [reason, errors[0]?.detail]);
  const spooled = async () => (await admin.query("select order_id::integer, refused_for from spool order by 1")).rows;
  return { db, admin, connect, user, recorder, record, channel, publish, recorded, rejections, spooled };
}
const until = (check: () => unknown, timeout = 30_000) => vi.waitFor(check, { timeout, interval: 50 });
const some = (count: number, from = 1) => Array.from({ length: count }, (_, i) => order(from + i));

describe("a database that records nothing, and answers: good orders are never rejected, it is not ready, then recovers", () => {
  test.each<[string, string, string]>([
    ["no right to insert", "revoke insert on orders from USER", "grant insert on orders to USER"],
    [
      "no right to the sequence",
      "revoke all on sequence order_seq from USER",
      "grant all on sequence order_seq to USER",
    ],
    [
      "a column renamed",
      "alter table orders rename column total to sum",
      "alter table orders rename column sum to total",
    ],
    [
      "a trigger that refuses everything",
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
        create trigger refuse before insert on orders execute function refuse()`,
      "drop function refuse cascade",
    ],
    ["orders locked, as by create index", "begin; lock table orders in share mode", "rollback"],
  ])("%s", async (_, trouble, end) => {
    const { db, admin, user, recorder, publish, recorded, rejections } = await start();
    await publish(some(3));
    await until(async () => expect(await recorded()).toBe(3));
    await admin.query(trouble.replace("USER", user));
    await publish(some(20, 100));
    await spoolOrders(db, [{ source: "http", body: Buffer.from(order(200)), tries: 3, suspect: true }]);
    await until(() => expect(recorder.status().database).toBe("down"), 20_000);
    // Long enough for four tries, were they made.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    expect(recorder.status().database).toBe("down");
    await admin.query(end.replace("USER", user));
    await until(async () => expect(await recorded()).toBe(24));
    await until(() => expect(recorder.status().database).toBe("up"));
    expect(await rejections()).toEqual([]);
  });

  test("an idle consumer notices that nothing can be recorded, and that it can again", async () => {
    const { admin, user, recorder } = await start();
    await admin.query(`revoke insert on orders from ${user}`);
    await until(() => expect(recorder.status().database).toBe("down"), 20_000);
    await admin.query(`grant insert on orders to ${user}`);
    await until(() => expect(recorder.status().database).toBe("up"), 20_000);
  });

  test.each([1, 20])(
    "an identity that is behind %i of its rows after a failover",
    async (behind) => {
      const { admin, publish, recorded, rejections } = await start();
      await admin.query(
        `insert into outbox (outbox_id, order_ids) overriding system value select i, '{}' from generate_series(1, ${behind}) i`,
      );
      await publish(some(1));
      await until(async () => expect(await recorded()).toBe(1), 60_000);
      expect(await rejections()).toEqual([]);
    },
    90_000,
  );
});

describe("what is answered for some orders holds up these alone", () => {
  test.each<[string, string, string, string]>([
    [
      "a trigger that somebody added",
      `create function refuse() returns trigger language plpgsql as
        $$ begin if new.items::text like '%cursed%' then raise exception 'no'; end if; return new; end $$;
        create trigger refuse before insert on orders for each row execute function refuse()`,
      "drop function refuse cascade",
      "P0001",
    ],
    [
      "one that divides by zero",
      `create function refuse() returns trigger language plpgsql as
        $$ begin if new.items::text like '%cursed%' then perform 1 / 0; end if; return new; end $$;
        create trigger refuse before insert on orders for each row execute function refuse()`,
      "drop function refuse cascade",
      "22012",
    ],
    [
      "a constraint that somebody added",
      "alter table orders add constraint refused check (items::text not like '%cursed%')",
      "alter table orders drop constraint refused",
      "23514",
    ],
  ])("%s", async (_, trouble, end, code) => {
    const { admin, recorder, publish, recorded, rejections, spooled } = await start();
    await admin.query(trouble);
    await publish([...some(40), order(41, { product: "cursed" }), ...some(23, 42)]);
    await until(async () => expect(await recorded()).toBe(63), 10_000);
    await until(async () => expect(await spooled()).toEqual([{ order_id: 41, refused_for: code }]));
    expect(recorder.status().database).toBe("up");
    await publish(some(10, 100));
    await until(async () => expect(await recorded()).toBe(73), 10_000);
    await admin.query(end);
    await until(async () => expect(await recorded()).toBe(74), 20_000);
    expect([await rejections(), await spooled()]).toEqual([[], []]);
  });

  test("one customer's row locked: everybody else's orders are recorded within 10 s, these when the lock is gone", async () => {
    const { connect, recorder, publish, recorded, rejections, spooled } = await start();
    await publish([order(1, { customer: 1 }), order(2, { customer: 2 })]);
    await until(async () => expect(await recorded()).toBe(2));
    const forgetful = await connect();
    await forgetful.query("begin; update customers set order_count = order_count where customer_id = 1");
    const began = performance.now();
    let next = 10;
    const bystanders = Array.from({ length: 200 }, () => order(next++, { customer: 2 + (next % 5) }));
    await publish([...bystanders.slice(0, 100), order(500, { customer: 1 }), ...bystanders.slice(100)]);
    await until(async () => expect(await recorded()).toBe(202), 10_000);
    await publish([order(501, { customer: 1 }), ...Array.from({ length: 50 }, () => order(next++, { customer: 3 }))]);
    await until(async () => expect(await recorded()).toBe(252), 10_000);
    // The lock is known by now: nobody waits for it.
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(recorder.status().database).toBe("up");
    await until(async () => expect((await spooled()).map((row) => row.order_id)).toEqual([500, 501]));
    await forgetful.query("rollback");
    await until(async () => expect(await recorded()).toBe(254), 30_000);
    expect([await rejections(), await spooled()]).toEqual([[], []]);
  });

  test("all known customers locked: new ones' orders are recorded", async () => {
    const { connect, publish, recorded, rejections } = await start();
    await publish(Array.from({ length: 50 }, (_, i) => order(1 + i, { customer: 1 + i })));
    await until(async () => expect(await recorded()).toBe(50));
    const forgetful = await connect();
    await forgetful.query("begin; update customers set order_count = order_count");
    await publish([
      ...Array.from({ length: 50 }, (_, i) => order(100 + i, { customer: 1 + i })),
      ...Array.from({ length: 20 }, (_, i) => order(200 + i, { customer: 1_000 + i })),
    ]);
    await until(async () => expect(await recorded()).toBe(70), 10_000);
    await forgetful.query("rollback");
    await until(async () => expect(await recorded()).toBe(120), 30_000);
    expect(await rejections()).toEqual([]);
  });
});

test.each(["40P01", "57014"])("one %s in a batch of 500 does not take it apart", async (code) => {
  const { admin, record, publish, recorded, rejections } = await start({
    prepare: `create sequence once; grant all on sequence once to public;
      create function refuse() returns trigger language plpgsql as
      $$ begin if nextval('once') = 2 then raise exception 'no' using errcode = '${code}'; end if; return null; end $$;
      create trigger refuse after insert on orders execute function refuse()`,
  });
  await publish(some(1, 1_000));
  await until(async () => expect(await recorded()).toBe(1));
  record.mockClear();
  await admin.query("select setval('once', 1)");
  await publish(some(500));
  await until(async () => expect(await recorded()).toBe(501));
  expect(record.mock.calls.filter(([batch]) => batch.length > 0).length).toBeLessThanOrEqual(5);
  expect(await rejections()).toEqual([]);
});

test("an order that comes again where orders are partitioned, and its constraint bears a partition's name, is the same order", async () => {
  const { publish, recorded, rejections, channel } = await start({
    prepare: `alter table orders rename to once; drop view order_items, pedidos;
      create table orders (like once including defaults including constraints) partition by hash (order_id);
      alter table orders add primary key (order_id);
      create table orders_0 partition of orders for values with (modulus 2, remainder 0);
      create table orders_1 partition of orders for values with (modulus 2, remainder 1);
      alter sequence order_seq owned by none; drop table once; grant all on orders to public`,
  });
  await publish(some(10));
  await until(async () => expect(await recorded()).toBe(10));
  await publish([...some(10), order(11)]);
  await until(async () => expect(await recorded()).toBe(11));
  await until(async () => expect((await channel.checkQueue("orders.intake")).messageCount).toBe(0));
  expect(await rejections()).toEqual([]);
});

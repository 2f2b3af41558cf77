import { describe, expect, test } from "vitest";
import { order, some, startRecorder, until } from "./testing/recorder-on-real-parts.ts";

describe("an answer for some orders delays only these", () => {
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
    const { admin, recorder, publish, recorded, rejections, spooled } = await startRecorder();
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
    const { connect, recorder, publish, recorded, rejections, spooled } = await startRecorder();
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
    const { connect, publish, recorded, rejections } = await startRecorder();
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
  const { admin, record, publish, recorded, rejections } = await startRecorder({
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

test("an order sent again to partitioned orders, with a partition's name in the constraint, is the same", async () => {
  const { publish, recorded, rejections, channel } = await startRecorder({
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

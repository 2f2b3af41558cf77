import { spoolOrders } from "@pedidos/persistence";
import { describe, expect, test } from "vitest";
import { order, some, startRecorder, until } from "./testing/recorder-on-real-parts.ts";

// Most of their time they wait.
describe.concurrent("a database that records nothing, and answers: good orders are never rejected, it is not ready, then recovers", () => {
  test.each([1, 20])(
    "an identity that is behind %i of its rows after a failover",
    async (behind) => {
      const { admin, publish, recorded, rejections } = await startRecorder();
      await admin.query(
        `insert into outbox (outbox_id, order_ids) overriding system value select i, '{}' from generate_series(1, ${behind}) i`,
      );
      await publish(some(1));
      await until(async () => expect(await recorded()).toBe(1), 60_000);
      expect(await rejections()).toEqual([]);
    },
    90_000,
  );

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
    const { db, admin, user, recorder, publish, recorded, rejections } = await startRecorder();
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
    const { admin, user, recorder } = await startRecorder();
    await admin.query(`revoke insert on orders from ${user}`);
    await until(() => expect(recorder.status().database).toBe("down"), 20_000);
    await admin.query(`grant insert on orders to ${user}`);
    await until(() => expect(recorder.status().database).toBe("up"), 20_000);
  });
});

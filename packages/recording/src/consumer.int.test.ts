import type { IntakeBroker } from "@pedidos/broker";
import { openIntakeBroker, openRecordingBroker } from "@pedidos/messaging";
import {
  claimSpooled,
  type Db,
  findOrder,
  listRejections,
  migrate,
  openDatabase,
  openRecorderStore,
  type RecorderStore,
  setConsuming,
  spoolOrders,
} from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { freshDatabase, freshVirtualHost, type Postgres, startPostgres } from "@pedidos/testing";
import amqp from "amqplib";
import pg from "pg";
import { Registry } from "prom-client";
import { afterEach, expect, test, vi } from "vitest";
import { openRecorderMetrics } from "./batches/recorder-metrics.ts";
import { openRecorder, type Recorder } from "./open-recorder.ts";

const log: Log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const order = (orderId: number, product = "pen", quantity = 2) =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"${product}","quantity":${quantity},"unitPrice":"1.50"}]}`;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Running = {
  db: Db;
  url: string;
  amqpUrl: string;
  recorder: Recorder;
  channel: amqp.ConfirmChannel;
  publisher: IntakeBroker;
  metrics: Registry;
};

/** A recorder on real parts, and a channel to send to it by. */
async function start({
  databaseUrl,
  database = true,
}: {
  databaseUrl?: string;
  database?: boolean;
} = {}): Promise<Running> {
  const vhost = await freshVirtualHost();
  closing.push(vhost.drop);
  const fresh = databaseUrl === undefined ? await freshDatabase() : { url: databaseUrl, drop: async () => {} };
  closing.push(fresh.drop);
  if (database) await migrate({ connectionString: fresh.url, directory: "infra/sql" });
  const db = openDatabase({ connectionString: fresh.url, applicationName: "test" });
  closing.push(() => db.destroy());
  const connection = { url: vhost.url, name: "test", log };
  const publisher = openIntakeBroker(connection);
  closing.push(publisher.close);
  const metrics = new Registry();
  const recorder = openRecorder({
    store: openRecorderStore(db),
    metrics: openRecorderMetrics(metrics),
    broker: openRecordingBroker({ ...connection, prefetch: 200, pedidosQueue: "as-replaced" }),
    log,
  });
  closing.push(recorder.stop);
  await vi.waitFor(() => expect(recorder.status().broker).toBe("up"), { timeout: 10_000 });
  const client = await amqp.connect(vhost.url);
  closing.push(() => client.close());
  const channel = await client.createConfirmChannel();
  return { db, url: fresh.url, amqpUrl: vhost.url, recorder, channel, publisher, metrics };
}

async function publish(channel: amqp.ConfirmChannel, bodies: (string | Buffer)[], contentType?: string) {
  for (const body of bodies)
    channel.publish("orders", "order.submitted", Buffer.from(body), {
      persistent: true,
      ...(contentType && { contentType }),
    });
  await channel.waitForConfirms();
}
const recordedCount = async (db: Db) =>
  (
    await db
      .selectFrom("orders")
      .select((e) => e.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow()
  ).n;
const until = (check: () => Promise<unknown> | unknown) => vi.waitFor(check, { timeout: 30_000, interval: 50 });
const queued = async (channel: amqp.Channel) => (await channel.checkQueue("orders.intake")).messageCount;
async function rejections(db: Db) {
  return (await listRejections(db, { limit: 200 })).rejections;
}

test("a message with three faults in the middle of 1000 good ones: 1000 recorded, one rejection", async () => {
  const { db, channel } = await start();
  const bad = '{"orderId":0,"customerId":1,"items":[{"product":"","quantity":1,"unitPrice":-1}]}';
  const good = Array.from({ length: 1000 }, (_, i) => order(i + 1));
  await publish(channel, [...good.slice(0, 500), bad, ...good.slice(500)]);
  await until(async () => expect(await recordedCount(db)).toBe(1000));
  const [rejection, ...others] = await rejections(db);
  expect(others).toEqual([]);
  expect(rejection).toMatchObject({ reason: "invalid_order", source: "orders.intake", times: 1, status: "open" });
  expect(rejection?.errors.map((e) => e.pointer)).toEqual(["/orderId", "/items/0/product", "/items/0/unitPrice"]);
  expect(String(rejection?.body)).toBe(bad);
  expect(await queued(channel)).toBe(0);
});

test("each line of a message of many is a submission of its own, and each is announced once committed", async () => {
  const { db, channel } = await start();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "orders.events", "#");
  const events: { id: string; type: string }[] = [];
  await channel.consume(queue, (m) => m && events.push(...JSON.parse(String(m.content))), { noAck: true });
  const lines = [order(1), "", order(2), order(2, "other"), "not json\r", order(1)];
  await publish(channel, [lines.join("\n")], "application/x-ndjson");
  await until(async () => expect(events).toHaveLength(4));
  expect(await recordedCount(db)).toBe(2);
  const kept = await rejections(db);
  expect(kept.map((r) => [r.reason, String(r.body)]).sort()).toEqual([
    ["invalid_json", "not json"],
    ["order_conflict", order(2, "other")],
  ]);
  expect(events.map((event) => event.id).sort()).toEqual([
    "order.recorded:1",
    "order.recorded:2",
    ...kept.map((r) => `order.rejected:${r.rejectionId}`).sort(),
  ]);
  await until(async () => expect(await db.selectFrom("outbox").selectAll().execute()).toEqual([]));
});

test("an order whose content our schema refuses is isolated, all others are recorded", async () => {
  const { db, url, channel } = await start();
  const client = new pg.Client(url);
  await client.connect();
  // The constraint is ours, what it says is not: our own reading lets nothing through that it would refuse.
  await client.query(`alter table orders drop constraint orders_order_id_check,
    add constraint orders_order_id_check check (order_id <> 41)`);
  await client.end();
  const lines = Array.from({ length: 64 }, (_, i) => order(i + 1));
  await publish(channel, [lines.join("\n")], "application/x-ndjson");
  await until(async () => expect(await recordedCount(db)).toBe(63));
  const detail = expect.stringMatching(/^the database refused it: .*orders_order_id_check/);
  expect((await rejections(db)).map((r) => [r.orderId, r.reason, r.errors])).toEqual([
    [41, "invalid_order", [{ pointer: "", detail }]],
  ]);
});

test("a message of blank lines that comes back is acknowledged, and keeps nothing after it from the spool", async () => {
  const { db, amqpUrl, recorder, channel } = await start();
  await recorder.stop();
  await publish(channel, ["\n \n", `${order(1)}\n${order(2)}`], "application/x-ndjson");
  await returnAll(amqpUrl, 2);
  const again = reopen(amqpUrl, openRecorderStore(db));
  await until(async () => expect(await recordedCount(db)).toBe(2));
  await until(async () => expect(await queued(channel)).toBe(0));
  await again.stop();
  await publish(channel, ["\n"], "application/x-ndjson");
  await returnAll(amqpUrl, 1);
  reopen(amqpUrl, openRecorderStore(db));
  await until(async () => expect(await queued(channel)).toBe(0));
});

test("messages of a million lines that come back go to the spool in bounded pieces", async () => {
  const { db, amqpUrl, recorder, channel } = await start();
  await recorder.stop();
  await publish(channel, Array(3).fill("1\n".repeat(20_000)), "application/x-ndjson");
  await returnAll(amqpUrl, 3);
  const store = openRecorderStore(db);
  const spool = vi.fn(store.spool);
  const again = reopen(amqpUrl, { ...store, spool });
  await until(() => expect(spool.mock.calls.flatMap(([rows]) => rows).length).toBe(60_000));
  for (const [rows] of spool.mock.calls) expect(rows.length).toBeLessThanOrEqual(500);
  await until(async () => expect(await queued(channel)).toBe(0));
  await again.stop();
});

/** Another consumer dies with all waiting messages in flight. */
async function returnAll(amqpUrl: string, messages: number): Promise<void> {
  const other = await amqp.connect(amqpUrl);
  const holding = await other.createChannel();
  let held = 0;
  await holding.consume("orders.intake", () => held++);
  await until(() => expect(held).toBe(messages));
  await other.close();
}

function reopen(amqpUrl: string, store: RecorderStore): Recorder {
  const connection = { url: amqpUrl, name: "test", log };
  const recorder = openRecorder({
    store,
    broker: openRecordingBroker({ ...connection, prefetch: 5, pedidosQueue: "off" }),
    log,
  });
  closing.push(recorder.stop);
  return recorder;
}

test("a redelivery goes by the spool, and a line tried too often is poison by its bytes", async () => {
  const { db, amqpUrl, recorder, channel } = await start();
  await recorder.stop();
  await publish(channel, [`${order(1)}\n${order(2)}`], "application/x-ndjson");
  // Another consumer dies with the message in flight.
  const other = await amqp.connect(amqpUrl);
  const holding = await other.createChannel();
  const taken = Promise.withResolvers<void>();
  await holding.consume("orders.intake", () => taken.resolve());
  await taken.promise;
  await other.close();
  await spoolOrders(db, [{ source: "http", body: Buffer.from(order(3)), tries: 4, suspect: true }]);
  const connection = { url: amqpUrl, name: "test", log };
  const store = openRecorderStore(db);
  const spool = vi.fn(store.spool);
  const again = openRecorder({
    store: { ...store, spool },
    broker: openRecordingBroker({ ...connection, prefetch: 5, pedidosQueue: "off" }),
    log,
  });
  closing.push(again.stop);
  await until(async () => expect(await recordedCount(db)).toBe(2));
  expect(spool.mock.calls.flat(2).map((row) => row.tries)).toEqual([1, 1]);
  await until(async () => expect(await rejections(db)).toHaveLength(1));
  expect((await rejections(db))[0]).toMatchObject({ reason: "poison", orderId: 3, body: Buffer.from(order(3)) });
  expect(await queued(channel)).toBe(0);
});

test("a body over 1 MiB goes to the dead letters, exactly 1 MiB does not", async () => {
  const { db, channel } = await start();
  const padded = (size: number, id: number) => order(id) + " ".repeat(size - order(id).length);
  await publish(channel, [padded(1_048_576, 1), padded(1_048_577, 2)]);
  await until(async () => expect(await recordedCount(db)).toBe(1));
  await until(async () => expect((await channel.checkQueue("orders.dead-letter")).messageCount).toBe(1));
  const dead = await channel.get("orders.dead-letter");
  expect(dead ? dead.content.length : 0).toBe(1_048_577);
  expect(await rejections(db)).toEqual([]);
});

test("an order that the API publishes keeps its source", async () => {
  const { db, amqpUrl } = await start();
  const publisher = openIntakeBroker({ url: amqpUrl, name: "api", log });
  closing.push(publisher.close);
  await until(() => expect(publisher.status()).toBe("up"));
  const bodies = [order(1), order(1, "other")].map((text) => Buffer.from(text));
  expect(await publisher.publish(bodies.map((body) => ({ body, source: "http" })))).toBe("confirmed");
  await until(async () => expect((await rejections(db)).map((r) => r.source)).toEqual(["http"]));
  expect(await findOrder(db, 1)).toBeDefined();
});

async function privatePostgres(): Promise<Postgres> {
  const postgres = await startPostgres();
  closing.push(postgres.remove);
  await migrate({ connectionString: postgres.url, directory: "infra/sql" });
  return postgres;
}

test("while PostgreSQL is away nothing is rejected, and everything is recorded once it is back", async () => {
  const postgres = await privatePostgres();
  const { db, channel, recorder } = await start({ databaseUrl: postgres.url });
  await publish(channel, [order(1)]);
  await until(async () => expect(await recordedCount(db)).toBe(1));
  await postgres.stop();
  await publish(
    channel,
    Array.from({ length: 600 }, (_, i) => order(i + 2)),
  );
  await until(() => expect(recorder.status().database).toBe("down"));
  // Longer than it waits before it hands back.
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  expect(await queued(channel)).toBe(600);
  await postgres.start();
  await until(async () => expect(await recordedCount(db)).toBe(601));
  await until(() => expect(recorder.status().database).toBe("up"));
  expect(await rejections(db)).toEqual([]);
  expect(await db.selectFrom("customers").select("order_count").execute()).toEqual([{ order_count: 601 }]);
});

test("a row that brings the database down is found: it ends as poison, no bystander does", async () => {
  const postgres = await privatePostgres();
  const { db, channel } = await start({ databaseUrl: postgres.url });
  const client = new pg.Client(postgres.url);
  await client.connect();
  // The shell's parent is the backend; when a backend is killed PostgreSQL ends all of them and recovers.
  await client.query(`create function crash() returns trigger language plpgsql as
    $$ begin if new.items::text like '%cursed%' then copy (select 1) to program 'kill -9 $PPID'; end if; return new; end $$;
    create trigger crash before insert on orders for each row execute function crash()`);
  await client.end();
  const lines = Array.from({ length: 20 }, (_, i) => order(i + 1, i === 7 ? "cursed" : "pen"));
  await publish(channel, [lines.join("\n")], "application/x-ndjson");
  await until(async () => expect(await recordedCount(db)).toBe(19));
  await until(async () =>
    expect((await rejections(db)).map((r) => [r.reason, String(r.body)])).toEqual([["poison", lines[7]]]),
  );
  expect(await claimSpooled(db, { rows: 10, bytes: 10 })).toEqual([]);
  expect(await queued(channel)).toBe(0);
});

test("metrics report what became of submissions, and how long our own orders took from acceptance to record", async () => {
  const { db, channel, publisher, metrics } = await start();
  const bodies = [order(1), order(2), order(2)].map((text) => Buffer.from(text));
  expect(await publisher.publish(bodies.map((body) => ({ body, source: "http" })))).toBe("confirmed");
  await publish(channel, [order(3), "not json"]);
  await spoolOrders(db, [{ source: "http", body: Buffer.from(order(4)) }]);
  await until(async () => {
    const lines = (await metrics.metrics()).split("\n");
    expect(lines).toContain('pedidos_submissions_total{outcome="recorded"} 4');
    expect(lines).toContain('pedidos_submissions_total{outcome="duplicate"} 1');
    expect(lines).toContain('pedidos_submissions_total{outcome="rejected"} 1');
    // Others' messages do not say when they were sent.
    expect(lines).toContain("pedidos_accepted_to_recorded_seconds_count 4");
    expect(lines).toContain('pedidos_accepted_to_recorded_seconds_bucket{le="60"} 4');
  });
});

test("paused, nothing is recorded and nothing delivered in vain; resumed, all is", async () => {
  const { db, channel, recorder, metrics } = await start();
  await publish(channel, [order(1)]);
  await until(async () => expect(await recordedCount(db)).toBe(1));
  await setConsuming(db, true, { actor: null, requestId: null, address: null });
  await until(() => expect(recorder.isPaused()).toBe(true));
  // What came before the broker knew may still be recorded.
  await until(async () => expect((await channel.checkQueue("orders.intake")).consumerCount).toBe(0));
  await publish(channel, [order(2), [order(3), order(4)].join("\n")]);
  channel.sendToQueue("pedidos", Buffer.from('{"codigoPedido":5,"codigoCliente":1,"itens":[]}'));
  await spoolOrders(db, [{ source: "http", body: Buffer.from(order(6)) }]);
  await recorder.spool([{ source: "http", body: Buffer.from(order(7)) }]);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect([await recordedCount(db), await queued(channel)]).toEqual([1, 2]);
  const spooled = () => db.selectFrom("spool").select(["tries", "leased_until"]).execute();
  expect(await spooled()).toEqual(Array(2).fill({ tries: 0, leased_until: null }));
  expect(recorder.status()).toEqual({ broker: "up", database: "up" });
  const message = await channel.get("orders.intake");
  if (message === false) throw new Error("the queue is empty");
  expect(message.fields.redelivered).toBe(false);
  channel.nack(message);

  await setConsuming(db, false, { actor: null, requestId: null, address: null });
  await until(async () => expect(await recordedCount(db)).toBe(4));
  await until(async () =>
    expect((await rejections(db)).map(({ source }) => source).sort()).toEqual(["orders.intake", "pedidos"]),
  );
  expect([await spooled(), await queued(channel), recorder.isPaused()]).toEqual([[], 0, false]);
  expect(await metrics.metrics()).toContain("pedidos_consuming_paused 0");
});

test("paused before it starts, and again and again under load: each order is recorded once, none comes back", {
  timeout: 180_000,
}, async () => {
  const fresh = await freshDatabase();
  closing.push(fresh.drop);
  await migrate({ connectionString: fresh.url, directory: "infra/sql" });
  const before = openDatabase({ connectionString: fresh.url, applicationName: "test" });
  closing.push(() => before.destroy());
  await setConsuming(before, true, { actor: "ana", requestId: null, address: null });
  const { db, channel, recorder, metrics } = await start({ databaseUrl: fresh.url });
  await publish(
    channel,
    Array.from({ length: 500 }, (_, i) => order(i + 1)),
  );
  await spoolOrders(db, [{ source: "http", body: Buffer.from(order(501)) }]);
  await until(() => expect(recorder.isPaused()).toBe(true));
  expect([await recordedCount(db), await queued(channel)]).toEqual([0, 500]);
  let next = 502;
  for (let round = 0; round < 4; round++) {
    await setConsuming(db, round % 2 === 1, { actor: null, requestId: null, address: null });
    for (let i = 0; i < 20; i++)
      await publish(
        channel,
        Array.from({ length: 50 }, () => order(next++)),
      );
  }
  await setConsuming(db, false, { actor: null, requestId: null, address: null });
  await until(async () => expect(await recordedCount(db)).toBe(next - 1));
  expect(await metrics.metrics()).toContain("pedidos_redeliveries_total 0");
  expect(await queued(channel)).toBe(0);
});

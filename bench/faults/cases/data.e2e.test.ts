import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { deadLetterMessage } from "@pedidos/messaging";
import amqp from "amqplib";
import { expect, onTestFinished, test, vi } from "vitest";
import { bundleOf } from "../../harness/bundles.ts";
import { startApp } from "../../harness/start-app.ts";
import { isRecord, parse } from "../content.ts";
import type { SentBad } from "../history.ts";
import { writeVerdict } from "../verdict.ts";
import { type Case, openCase, tally } from "./open-case.ts";

async function open(options?: Parameters<typeof openCase>[0]) {
  const current = await openCase(options);
  await current.watch();
  return { ...current, database: await current.connect(), producer: await current.openProducer() };
}
const bad = (name: string): SentBad => ({ kind: "bad", reason: "invalid_order", text: `{"orderId":"bad ${name}"}` });

test("6: 10 bad messages among 10000, and 10 bad lines in messages of 64: 10 rejections each, all others are recorded", async () => {
  const { producer, newOrders, database, expectSound } = await open();
  const sending: Promise<unknown>[] = [];
  for (let sent = 0; sent < 10_000; sent += 500) {
    for (const order of newOrders(500)) sending.push(producer.submit([order], "\n"));
    if (sent < 5_000) sending.push(producer.submit([bad(`message ${sent}`)], "\n"));
    const lines = [...newOrders(30), bad(`line ${sent}`), ...newOrders(33)];
    if (sent < 5_000) sending.push(producer.submit(lines, "\r\n"));
    await Promise.all(sending.splice(0));
  }
  await expectSound(120_000);
  const { rows } = await database.query(
    "select reason, errors -> 0 ->> 'pointer' as pointer, convert_from(body, 'utf8') as body from rejections where reason <> 'order_conflict'",
  );
  const expected = Array.from({ length: 10 }, (_, n) => [
    bad(`line ${n * 500}`).text,
    bad(`message ${n * 500}`).text,
  ]).flat();
  expect(rows.map(({ body }) => body).sort()).toEqual(expected.sort());
  expect(new Set(rows.map(({ reason, pointer }) => `${reason} ${pointer}`))).toEqual(
    new Set(["invalid_order /orderId"]),
  );
}, 240_000);

test("8: a row whose content our schema refuses, among 500 by either road: it is rejected, all others are recorded", async () => {
  const { system, producer, http, newOrder, newOrders, database, settle } = await open();
  const culprits = [newOrder(), newOrder()];
  await database.query(
    `alter table orders drop constraint orders_order_id_check, add constraint orders_order_id_check
      check (order_id not in (${culprits.map(({ orderId }) => orderId).join()}))`,
  );
  const lines = newOrders(499);
  await producer.submit([...lines.slice(0, 250), ...culprits.slice(0, 1), ...lines.slice(250)], "\n");
  await system.rabbitmq.stop();
  const spooled = await Promise.all(
    [...newOrders(200), ...culprits.slice(1)].map((order) => http.api1.submit("single", [order])),
  );
  expect(tally(spooled)).toEqual({ "202": 201 });
  await system.rabbitmq.start();
  const verdict = await settle();
  // The checker takes them for good orders: they are.
  const refused = verdict.findings.filter(({ what }) =>
    culprits.some(({ orderId }) => new RegExp(`\\b${orderId}\\b`).test(what)),
  );
  expect(
    verdict.findings.filter((finding) => !refused.includes(finding)),
    writeVerdict(verdict),
  ).toEqual([]);
  const { rows } = await database.query(
    "select order_id::int, reason, errors -> 0 ->> 'pointer' as pointer from rejections where reason <> 'order_conflict' order by order_id",
  );
  expect(rows).toEqual(culprits.map(({ orderId }) => ({ order_id: orderId, reason: "invalid_order", pointer: "" })));
}, 180_000);

test("10: 100 concurrent submissions of one id, the APIs killed between confirm and answer: one order", async () => {
  const { system, newOrder, database, openHttp, settle } = await open({
    entries: { api: join(import.meta.dirname, "killed-after-confirm.ts") },
  });
  const order = newOrder();
  const sound = await startSoundApi(system);
  const clients = [system.apps.api1, system.apps.api2, sound].map(openHttp);
  const killed = await Promise.all(Array.from({ length: 50 }, (_, n) => clients[n % 2]?.submit("single", [order])));
  expect(tally(killed)).toEqual({ closed: 50 });
  // Each client that was not answered sends again, to another one.
  const again = await Promise.all(Array.from({ length: 50 }, () => clients[2]?.submit("single", [order])));
  expect(tally(again)).toEqual({ "202": 50 });
  const verdict = await settle();
  expect(
    verdict.findings.filter(({ kind }) => kind !== "ended"),
    writeVerdict(verdict),
  ).toEqual([]);
  const { rows } = await database.query(
    // Before the case a customer may have had another order.
    `select c.order_count::int as counted, (select count(*)::int from orders o where o.customer_id = c.customer_id) as recorded
     from orders join customers c using (customer_id) where order_id = $1`,
    [order.orderId],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.counted).toBe(rows[0]?.recorded);
}, 180_000);

test("12: rejections are replayed twice, by two APIs of which one is killed midway: one effect each", async () => {
  const { system, producer, database, settle } = await open();
  const ROWS = 60;
  for (let n = 0; n < ROWS; n++) await producer.submit([bad(`${n}`)], "\n");
  const idsOf = async (status: string) => {
    const found = await database.query("select rejection_id::int as id from rejections where status = $1 order by 1", [
      status,
    ]);
    return found.rows.map(({ id }) => id);
  };
  await vi.waitFor(async () => expect(await idsOf("open")).toHaveLength(ROWS), 20_000);
  const ids = await idsOf("open");
  const corrected = ids.map((_, n) => 1_000_000 + n);
  const replay = async (port: number, n: number) => {
    const url = `http://127.0.0.1:${port}/v1/rejections/${ids[n]}/replay`;
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: orderText(corrected[n] ?? 0) }).catch(
      () => undefined,
    );
    return answer?.status ?? 0;
  };
  const { api1, api2 } = system.apps;
  const first = Promise.all(ids.flatMap((_, n) => [replay(api1.port, n), replay(api2.port, n)]));
  await wait(15);
  await api1.kill();
  const statuses = await first;
  await api1.start();
  await api1.ready();
  for (const status of statuses) expect([0, 202, 409]).toContain(status);
  const again = await Promise.all(ids.map((_, n) => replay(api1.port, n)));
  for (const status of again) expect([202, 409]).toContain(status);
  // Once only.
  expect(await Promise.all(ids.map((_, n) => replay(api2.port, n)))).toEqual(ids.map(() => 409));
  expect(await idsOf("replayed")).toEqual(ids);
  const { rows } = await vi.waitFor(async () => {
    const found = await database.query("select order_id::int as id from orders where order_id = any($1) order by 1", [
      corrected,
    ]);
    expect(found.rows).toHaveLength(ROWS);
    return found;
  }, 20_000);
  expect(rows.map(({ id }) => id)).toEqual(corrected);
  const sums = await database.query(
    "select sum(order_count)::int as counted, (select count(*)::int from orders) as orders from customers",
  );
  expect(sums.rows[0]?.counted).toBe(sums.rows[0]?.orders);
  expect(await idsOf("open")).toEqual([]);
  await settle();
}, 180_000);

test("an API that puts a dead letter back is killed before it takes it away: it stays, and putting it back again has no effect", async () => {
  const { system, database, settle } = await open({
    entries: { api: join(import.meta.dirname, "killed-after-requeue.ts") },
  });
  const [orderId, body] = [1_000_000, Buffer.from(orderText(1_000_000))];
  await bury(system.amqpUrl, body);
  const sound = await startSoundApi(system);
  const ask = async (port: number, path: string, method = "GET") => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/dead-letters${path}`, { method }).catch(() => undefined);
    return { status: answer?.status ?? 0, body: (await answer?.text()) ?? "" };
  };
  const listed = async () => {
    const page = parse((await ask(sound.port, "")).body);
    return isRecord(page) && Array.isArray(page.deadLetters) ? page.deadLetters : [];
  };
  const recorded = async () => {
    const { rows } = await database.query("select order_count::int as counted from customers where customer_id = $1", [
      CUSTOMER,
    ]);
    return rows;
  };
  await vi.waitFor(async () => expect(await listed()).toMatchObject([{ body: body.toString() }]), 20_000);
  const [letter] = await listed();
  const path = `/${letter?.deadLetterId}/requeue`;
  expect((await ask(system.apps.api1.port, path, "POST")).status).toBe(0);
  await vi.waitFor(async () => expect(await recorded()).toEqual([{ counted: 1 }]), 20_000);
  // The killed process held it until the broker noticed.
  await vi.waitFor(async () => expect(await listed()).toHaveLength(1), 20_000);
  expect((await ask(sound.port, path, "POST")).status).toBe(204);
  expect(await listed()).toEqual([]);
  await settle();
  expect(await recorded()).toEqual([{ counted: 1 }]);
  const { rows } = await database.query("select 1 from orders where order_id = $1", [orderId]);
  expect(rows).toHaveLength(1);
}, 180_000);

/** Nobody else orders for this one. */
const CUSTOMER = 999_999;
const orderText = (orderId: number) =>
  JSON.stringify({ orderId, customerId: CUSTOMER, items: [{ product: "pen", quantity: 1, unitPrice: "1.10" }] });

/** Puts a body among the dead letters, as the broker does with one of the intake queue. */
async function bury(amqpUrl: string, body: Buffer): Promise<void> {
  const connection = await amqp.connect(amqpUrl);
  const channel = await connection.createConfirmChannel();
  const { exchange, routingKey, contentType } = deadLetterMessage(body, "orders.intake");
  channel.publish(exchange, routingKey, body, { contentType, persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

async function startSoundApi({ databaseUrl, amqpUrl }: Case["system"]) {
  const env = { DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl };
  const app = await startApp({ name: "sound", entry: bundleOf("api"), env });
  onTestFinished(app.remove);
  await app.ready();
  return app;
}

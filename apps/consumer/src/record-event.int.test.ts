import type { RecordingBroker } from "@pedidos/broker";
import type { CloudEvent } from "@pedidos/contract";
import {
  findCustomer,
  listRejections,
  migrate,
  openDatabase,
  openRecorderStore,
  type RecorderStore,
  setConsuming,
} from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { freshDatabase, startPostgres } from "@pedidos/testing";
import { afterEach, expect, test } from "vitest";
import { recordEvent } from "./record-event.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const order = (orderId: number, quantity = 2) =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"pen","quantity":${quantity},"unitPrice":"1.50"}]}`;
const schedule = { version: "0", "detail-type": "Scheduled Event", source: "aws.events", detail: {} };
const invocation = (ms: number) => ({ getRemainingTimeInMillis: () => ms });

/** An event as AWS documents it, shortened. */
function eventOf(bodies: readonly string[], { redelivered = false, contentType = "application/x-ndjson" } = {}) {
  const messages = bodies.map((body) => ({
    basicProperties: { contentType, headers: { source: { bytes: [...Buffer.from("http")] } }, deliveryMode: 2 },
    redelivered,
    data: Buffer.from(body).toString("base64"),
  }));
  return {
    eventSource: "aws:rmq",
    eventSourceArn: "arn:aws:mq:…",
    rmqMessagesByQueue: { "orders.intake::/": messages },
  };
}

/** The function on a real database, with a broker that confirms everything. */
function open(url: string, change: (store: RecorderStore) => Partial<RecorderStore> = () => ({})) {
  const db = openDatabase({ connectionString: url, applicationName: "test" });
  closing.push(() => db.destroy());
  const announced: CloudEvent[] = [];
  const broker: RecordingBroker = {
    async announce(events) {
      announced.push(...events);
      return "announced";
    },
    setAside: async () => true,
    consume: () => {
      throw new Error("an event brings the messages");
    },
    status: () => "up",
    depths: async () => undefined,
    close: () => Promise.reject(new Error("the next invocation needs it")),
  };
  const store = openRecorderStore(db);
  return { db, announced, handle: recordEvent({ store: { ...store, ...change(store) }, broker, log }) };
}

async function openFresh(change?: Parameters<typeof open>[1]) {
  const database = await freshDatabase();
  closing.push(database.drop);
  await migrate({ connectionString: database.url, directory: "infra/sql" });
  return open(database.url, change);
}

test("a message of many lines, one of them bad, and a duplicate: recorded, rejected and announced before it answers", async () => {
  const { db, announced, handle } = await openFresh();
  const lines = Array.from({ length: 1_200 }, (_, i) => order(i + 1));
  lines.splice(700, 0, '{"orderId":0}');
  await handle(eventOf([lines.join("\n")]), invocation(60_000));
  // Not with the others: of two batches at once either may come first.
  await handle(eventOf([order(1), order(2, 3)]), invocation(60_000));
  expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 1_200, totalValue: "3600.00" });
  const { rejections } = await listRejections(db, { limit: 10 });
  expect(rejections.map(({ reason, source, body }) => [reason, source, String(body)]).sort()).toEqual([
    ["invalid_order", "http", '{"orderId":0}'],
    ["order_conflict", "http", order(2, 3)],
  ]);
  expect(announced).toHaveLength(1_202);
  expect(await db.selectFrom("outbox").select("outbox_id").execute()).toEqual([]);

  await handle(eventOf([lines.join("\n")]), invocation(60_000));
  expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 1_200, totalValue: "3600.00" });
});

test("a redelivery is not tried: it moves to the spool with a try behind it, and an event without messages works that off", async () => {
  const spooled: (number | undefined)[] = [];
  const { db, handle } = await openFresh((store) => ({
    async spool(rows) {
      spooled.push(...rows.map((row) => row.tries));
      await store.spool(rows);
    },
    record: (submissions, announced) =>
      submissions.every((s) => s.spoolId !== undefined)
        ? store.record(submissions, announced)
        : Promise.reject(new Error("tried though it may be what ends the process")),
  }));
  await handle(eventOf([[order(1), order(2)].join("\n")], { redelivered: true }), invocation(60_000));
  expect(spooled).toEqual([1, 1]);
  await handle(schedule, invocation(10_000));
  expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 2 });
  expect(await db.selectFrom("spool").select("spool_id").execute()).toEqual([]);
});

test("a database that is away: fails as a whole, and the same event again records everything once", async () => {
  const postgres = await startPostgres();
  closing.push(() => postgres.remove());
  await migrate({ connectionString: postgres.url, directory: "infra/sql" });
  const { db, handle } = open(postgres.url);
  await handle(eventOf([order(1)]), invocation(60_000));
  await postgres.stop();
  const event = eventOf([order(1), order(2), [order(3), order(4)].join("\n")]);
  await expect(handle(event, invocation(60_000))).rejects.toThrow("3 of 3 messages could not be recorded");
  await postgres.start();
  await handle(event, invocation(60_000));
  expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 4, totalValue: "12.00" });
  expect((await listRejections(db, { limit: 10 })).rejections).toEqual([]);
});

test("ends before its time does, as being killed would count as a try", async () => {
  const { handle } = open("postgres://127.0.0.1:1/nothing");
  await expect(handle(eventOf([order(1)]), invocation(8_500))).rejects.toThrow("within the 500 ms");
});

test("while consuming is paused, nothing is recorded and all is handed back at once", async () => {
  const { db, handle } = await openFresh();
  await setConsuming(db, true, { actor: null, requestId: null, address: null });
  await expect(handle(eventOf([order(1)]), invocation(60_000))).rejects.toThrow("consuming is paused");
  expect((await findCustomer(db, 1)).orderCount).toBe(0);
  await setConsuming(db, false, { actor: null, requestId: null, address: null });
  await handle(eventOf([order(1)]), invocation(60_000));
  expect((await findCustomer(db, 1)).orderCount).toBe(1);
});

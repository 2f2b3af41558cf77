import { openRecordingBroker } from "@pedidos/messaging";
import { listRejections, migrate, openDatabase, openRecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { freshDatabase, freshVirtualHost } from "@pedidos/testing";
import amqp from "amqplib";
import pg from "pg";
import { afterAll, expect, vi } from "vitest";
import { openRecorder } from "../open-recorder.ts";

const closing: (() => unknown)[] = [];
// Not after each test: those of a file may run at the same time.
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** For tests: an order's bytes. */
export const order = (orderId: number, { customer = 1, product = "pen" } = {}) =>
  `{"orderId":${orderId},"customerId":${customer},"items":[{"product":"${product}","quantity":2,"unitPrice":"1.50"}]}`;
/** For tests: orders with ids in a row. */
export const some = (count: number, from = 1) => Array.from({ length: count }, (_, i) => order(from + i));
/** For tests: waits until a check does not throw. */
export const until = (check: () => unknown, timeout = 30_000) => vi.waitFor(check, { timeout, interval: 50 });

/** For tests: a recorder on real parts, which records as a user that has just the rights it needs; and an administrator's session. */
export async function startRecorder({ prepare = "", warn = () => {} }: { prepare?: string; warn?: Log["warn"] } = {}) {
  const log: Log = { debug() {}, info() {}, warn, error() {} };
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
    broker: openRecordingBroker({ ...connection, prefetch: 200, pedidosQueue: "off" }),
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

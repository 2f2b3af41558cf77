import { connect } from "amqplib";
import pg from "pg";
import { expect, test } from "vitest";
import { freshDatabase, freshVirtualHost } from "./index.ts";

test("a fresh database is empty, and gone once dropped", async () => {
  const database = await freshDatabase();
  const client = new pg.Client({ connectionString: database.url });
  client.on("error", () => {}); // dropping ends it
  await client.connect();
  const { rows } = await client.query("select count(*)::int as tables from pg_tables where schemaname = 'public'");
  expect(rows).toEqual([{ tables: 0 }]);
  await database.drop();
  await expect(new pg.Client({ connectionString: database.url }).connect()).rejects.toThrow("does not exist");
});

test("a fresh virtual host takes declarations and messages, and is gone once it is dropped and another is made", async () => {
  const host = await freshVirtualHost();
  const connection = await connect(host.url);
  connection.on("error", () => {}); // dropping ends it
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue("q", { durable: true, arguments: { "x-queue-type": "quorum" } });
  channel.sendToQueue(queue, Buffer.from("hello"));
  await channel.waitForConfirms();
  await host.drop();
  await freshVirtualHost();
  await expect(connect(host.url)).rejects.toThrow();
});

import { setTimeout as pause } from "node:timers/promises";
import { connect } from "amqplib";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { startPostgres, startRabbitmq } from "./index.ts";

async function answer(connectionString: string): Promise<unknown> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 500, query_timeout: 500 });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query("select answer from kept")).rows[0]?.answer;
  } finally {
    client.end().catch(() => {});
  }
}

test("a private PostgreSQL can be killed, started, frozen and thawed, with its data and its address", async () => {
  const server = await startPostgres();
  onTestFinished(() => server.remove());
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query("create table kept as select 42 as answer");
  await client.end();
  await server.kill();
  await expect(answer(server.url)).rejects.toThrow("ECONNREFUSED");
  await server.start();
  expect(await answer(server.url)).toBe(42);
  server.freeze();
  await expect(answer(server.url)).rejects.toThrow("timeout");
  server.thaw();
  expect(await answer(server.url)).toBe(42);
});

test("a private RabbitMQ can be killed and started, with its messages and its address", async () => {
  const broker = await startRabbitmq();
  onTestFinished(() => broker.remove());
  const connection = await connect(broker.url);
  connection.on("error", () => {}); // the kill
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  await channel.assertQueue("kept", { durable: true });
  channel.sendToQueue("kept", Buffer.from("hello"), { persistent: true });
  await channel.waitForConfirms();
  await pause(2_000); // Mnesia writes its log within two seconds: a broker that is killed sooner may lose a new queue
  await broker.kill();
  await expect(connect(broker.url)).rejects.toThrow("ECONNREFUSED");
  await broker.start();
  expect(await broker.ctl("list_queues", "--silent", "name", "messages")).toBe("kept\t1\n");
}, 180_000);

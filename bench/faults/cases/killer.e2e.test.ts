import { join } from "node:path";
import { findFreePort } from "@pedidos/testing";
import amqp from "amqplib";
import pg from "pg";
import { afterEach, expect, test, vi } from "vitest";
import { type App, prepareApp } from "../run-app.ts";
import { broken, openCase } from "./open-case.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const order = (orderId: number, product = "pen") =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"${product}","quantity":1,"unitPrice":1}]}`;
const pedido = (orderId: number, product = "pen") =>
  `{"codigoPedido":${orderId},"codigoCliente":1,"itens":[{"produto":"${product}","quantidade":1,"preco":1}]}`;

/** Four consumers, each started again when it ends, as an orchestrator does. */
async function startConsumers(env: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  let stopping = false;
  const apps: App[] = [];
  for (let index = 0; index < 4; index++) {
    const port = await findFreePort();
    const app: App = prepareApp({
      name: `killed${index}`,
      entry: broken(process.env.BROKEN_CONSUMER) ?? join(import.meta.dirname, "killed-by-an-order.ts"),
      port,
      env: { ...env, HEALTH_PORT: String(port) },
      onBadEnd: () => {
        if (!stopping) void app.start();
      },
    });
    apps.push(app);
  }
  await Promise.all(apps.map((app) => app.start()));
  return async () => {
    stopping = true;
    await Promise.all(apps.map((app) => app.remove()));
  };
}

test("7: an order that kills the process, alone and in a message of 64, on both queues, with 4 consumers at full prefetch: it is poison, no bystander is, the backlog drains", async () => {
  const { system, close } = await openCase({ start: false });
  closing.push(close);
  const connection = await amqp.connect(system.amqpUrl);
  closing.push(() => connection.close());
  const channel = await connection.createConfirmChannel();
  // The consumers declare the rest; the queues are as they would.
  const stop = await startConsumers({ DATABASE_URL: system.databaseUrl, AMQP_URL: system.amqpUrl });
  closing.push(stop);
  const declared = async () => {
    const probe = await connection.createChannel();
    probe.on("error", () => {});
    await probe.checkQueue("orders.intake");
    await probe.checkQueue("pedidos");
    await probe.close();
  };
  await vi.waitFor(declared, { timeout: 60_000, interval: 500 });

  const to = (queue: string, text: string, contentType?: string) =>
    channel.sendToQueue(queue, Buffer.from(text), { persistent: true, ...(contentType && { contentType }) });
  let last = 0;
  const single = (product?: string) => to("orders.intake", order(++last, product));
  const old = (product?: string) => to("pedidos", pedido(++last, product));
  const message = (killerAt?: number) => {
    const lines = Array.from({ length: 64 }, (_, index) => order(++last, index === killerAt ? "killer" : "pen"));
    to("orders.intake", lines.join("\n"), "application/x-ndjson");
  };
  for (let index = 0; index < 400; index++) {
    single(index === 200 ? "killer" : undefined);
    old(index === 150 ? "killer" : undefined);
    if (index % 40 === 0) message(index === 80 ? 30 : undefined);
  }
  await channel.waitForConfirms();

  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  closing.push(() => client.end());
  const done = async () => {
    const { rows } = await client.query(
      `select (select count(*)::int from orders) as recorded,
        (select json_agg(json_build_array(reason, convert_from(body, 'utf8'))) from rejections) as rejections,
        (select count(*)::int from spool) as spooled`,
    );
    expect(rows[0]).toMatchObject({ recorded: last - 3, spooled: 0 });
    return rows[0]?.rejections;
  };
  const rejections: [string, string][] = await vi.waitFor(done, { timeout: 150_000, interval: 500 });
  expect(rejections.map(([reason, body]) => [reason, body.includes("killer")])).toEqual(
    Array.from({ length: 3 }, () => ["poison", true]),
  );
  expect((await channel.checkQueue("orders.dead-letter")).messageCount).toBe(0);
}, 300_000);

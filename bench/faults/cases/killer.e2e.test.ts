import { join } from "node:path";
import amqp from "amqplib";
import { expect, onTestFinished, test, vi } from "vitest";
import { prepareApp } from "../../harness/start-app.ts";
import { broken, openCase } from "./open-case.ts";

const order = (orderId: number, product = "pen") =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"${product}","quantity":1,"unitPrice":1}]}`;
const pedido = (orderId: number, product = "pen") =>
  `{"codigoPedido":${orderId},"codigoCliente":1,"itens":[{"produto":"${product}","quantidade":1,"preco":1}]}`;

/** Starts a consumer, and again when it ends, as an orchestrator does. */
async function keepConsuming(env: Readonly<Record<string, string>>): Promise<void> {
  let isOver = false;
  const app = await prepareApp({
    name: "killed",
    entry: broken(process.env.BROKEN_CONSUMER) ?? join(import.meta.dirname, "killed-by-an-order.ts"),
    env,
    onBadEnd: () => {
      if (!isOver) void app.start();
    },
  });
  onTestFinished(async () => {
    isOver = true;
    await app.remove();
  });
  await app.start();
}

test("7: an order that kills the process, alone and in a message of 64, on both queues, with 4 consumers at full prefetch: it is poison, no bystander is, the backlog drains", async () => {
  const { system, connect } = await openCase({ start: false });
  const connection = await amqp.connect(system.amqpUrl);
  onTestFinished(() => connection.close());
  const channel = await connection.createConfirmChannel();
  const env = { DATABASE_URL: system.databaseUrl, AMQP_URL: system.amqpUrl };
  await Promise.all(Array.from({ length: 4 }, () => keepConsuming(env)));
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

  const client = await connect();
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

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRetail } from "./retail-orders.ts";
import { startTestSystem, type TestSystem, until } from "./start-test-system.ts";

const lines = readRetail();

type Order = { orderId: number; customerId: number; items: { product: string; quantity: number; unitPrice: number }[] };
const asPedido = (line: string) => {
  const order: Order = JSON.parse(line);
  const itens = order.items.map((i) => ({ produto: i.product, quantidade: i.quantity, preco: i.unitPrice }));
  return JSON.stringify({ codigoPedido: order.orderId, codigoCliente: order.customerId, itens });
};

const ways: Record<string, (system: TestSystem) => Promise<void>> = {
  async "POST /v1/orders/batch"(system) {
    const sent = await system.post("/v1/orders/batch", lines.join("\n"), { "content-type": "application/x-ndjson" });
    expect([sent.status, sent.body]).toEqual([200, { accepted: 1400, rejected: 0, errors: [] }]);
  },
  async "messages on the queue pedidos"(system) {
    const channel = await system.channel();
    for (const line of lines) channel.sendToQueue("pedidos", Buffer.from(asPedido(line)));
    await channel.waitForConfirms();
  },
  async "messages of 50 on the exchange orders"(system) {
    const channel = await system.channel();
    for (let start = 0; start < lines.length; start += 50)
      channel.publish("orders", "order.submitted", Buffer.from(lines.slice(start, start + 50).join("\n")), {
        contentType: "application/x-ndjson",
        persistent: true,
      });
    await channel.waitForConfirms();
  },
};

let system: TestSystem;
const events = new Set<string>();
beforeEach(async () => {
  system = await startTestSystem();
  events.clear();
  const channel = await system.channel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "orders.events", "order.recorded");
  await channel.consume(
    queue,
    (message) => {
      for (const event of JSON.parse(String(message?.content ?? "[]"))) events.add(event.id);
    },
    { noAck: true },
  );
});
afterEach(() => system.stop());

const sums = () =>
  system.sql(`select count(*)::int as orders, sum(total)::text as total,
    (select count(*)::int from order_items) as items, (select count(*)::int from customers) as customers,
    (select count(*)::int from rejections) as rejections from orders`);
const expected = [{ orders: 1400, total: "572713.89", items: 26160, customers: 885, rejections: 0 }];

describe.each(Object.entries(ways))("a month of a real shop's orders by %s", (_, send) => {
  test("is recorded exactly, announced once each, and sending it again changes nothing", async () => {
    await send(system);
    await until(async () => expect(await sums()).toEqual(expected));
    expect((await system.get("/v1/customers/12748")).body).toMatchObject({ orderCount: 35, totalValue: "4228.13" });
    expect((await system.get("/v1/customers/17850")).body).toMatchObject({ orderCount: 34, totalValue: "5391.21" });
    await until(() => expect(events.size).toBe(1400));
    await send(system);
    // Everything recorded now was sent after all of it.
    await system.post(
      "/v1/orders",
      '{"orderId":1,"customerId":1,"items":[{"product":"end","quantity":1,"unitPrice":0}]}',
    );
    const channel = await system.channel();
    await until(async () => {
      expect((await system.get("/v1/orders/1")).status).toBe(200);
      for (const queue of ["orders.intake", "pedidos"]) expect((await channel.checkQueue(queue)).messageCount).toBe(0);
    });
    await system.sql("delete from orders where order_id = 1");
    await system.sql("delete from customers where customer_id = 1");
    expect(await sums()).toEqual(expected);
    expect(events.size).toBeLessThanOrEqual(1401);
  });
});

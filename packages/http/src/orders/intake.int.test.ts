import type { Delivery } from "@pedidos/broker";
import { openConsumer } from "@pedidos/messaging";
import { findFreePort, freshVirtualHost } from "@pedidos/testing";
import { afterEach, expect, test, vi } from "vitest";
import { apiOnRealParts, orderText } from "../testing/api-on-real-parts.ts";
import { silent } from "../testing/serve-for-test.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp(amqpUrl?: string) {
  const api = await apiOnRealParts(amqpUrl);
  closing.push(api.close);
  const post = (body: string, headers: Record<string, string> = {}, path = "/v1/orders") =>
    fetch(api.url + path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
  const ready = async () => {
    const reply = await fetch(`${api.url}/health/ready`);
    return [reply.status, await reply.json()];
  };
  const spooled = async () => {
    const rows = await api.db.selectFrom("spool").select(["body", "source"]).orderBy("spool_id").execute();
    return rows.map((row) => [row.source, row.body.toString()]);
  };
  return { ...api, post, ready, spooled };
}

test("with a broker, orders go to the intake queue itself, and none to the spool", async () => {
  const host = await freshVirtualHost();
  closing.push(host.drop);
  const { post, ready, record, spooled } = await setUp(host.url);
  await vi.waitFor(
    async () => expect((await ready())[1]).toEqual({ status: "ready", dependencies: { broker: "up", database: "up" } }),
    30_000,
  );
  const texts = Array.from({ length: 200 }, (_, index) => orderText(index + 1));
  const replies = await Promise.all(texts.map((text) => post(text)));
  expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([202]));
  const deliveries: Delivery[] = [];
  const consumer = openConsumer({
    url: host.url,
    name: "test",
    log: silent,
    prefetch: 500,
    pedidosQueue: "off",
    onDelivery: (delivery) => deliveries.push(delivery),
  });
  closing.push(consumer.close);
  const received = () =>
    deliveries.flatMap(({ body }) =>
      body
        .toString()
        .split("\n")
        .filter((line) => line !== ""),
    );
  await vi.waitFor(() => expect(received()).toHaveLength(200), 30_000);
  expect(received().sort()).toEqual([...texts].sort());
  expect(new Set(deliveries.map(({ source }) => source))).toEqual(new Set(["http"]));
  expect(await spooled()).toEqual([]);
  // The message tells its consumer whether an order is awaited.
  expect(deliveries.some(({ awaited }) => awaited)).toBe(false);
  const awaited = () => deliveries.filter((delivery) => delivery.awaited).map(({ body }) => body.toString());
  await post(orderText(201), { prefer: "wait=1" });
  expect(awaited()).toEqual([orderText(201)]);
  const pedido = '{"codigoPedido":202,"codigoCliente":1,"itens":[{"produto":"a","quantidade":1,"preco":1}]}';
  const old = post(pedido, {}, "/pedido");
  await vi.waitFor(() => expect(awaited()).toHaveLength(2), 5_000);
  await record(...awaited());
  expect((await old).status).toBe(201);
});

test("with the broker away from the start, orders go to the spool, and the API is degraded", async () => {
  const { post, ready, spooled } = await setUp(`amqp://guest:guest@127.0.0.1:${await findFreePort()}`);
  const start = performance.now();
  const replies = await Promise.all([1, 2, 3].map((id) => post(orderText(id))));
  expect(replies.map((reply) => reply.status)).toEqual([202, 202, 202]);
  expect(performance.now() - start).toBeLessThan(2_000);
  expect((await spooled()).sort()).toEqual([1, 2, 3].map((id) => ["http", orderText(id)]));
  expect(await ready()).toEqual([200, { status: "degraded", dependencies: { broker: "down", database: "up" } }]);
});

test("without a broker the spool is all there is, and readiness does not speak of one", async () => {
  const { post, ready, spooled, url } = await setUp();
  expect((await post(orderText(1))).status).toBe(202);
  const lines = Array.from({ length: 1_000 }, (_, index) => orderText(index + 2)).join("\n");
  const batch = await fetch(`${url}/v1/orders/batch`, {
    method: "POST",
    body: lines,
    headers: { "content-type": "application/x-ndjson" },
  });
  expect(await batch.json()).toEqual({ accepted: 1_000, rejected: 0, errors: [] });
  expect(await spooled()).toHaveLength(1_001);
  expect(await ready()).toEqual([200, { status: "ready", dependencies: { database: "up" } }]);
});

test("Prefer: wait and POST /pedido are answered once the order is recorded, or its id is another's", async () => {
  const { post, record } = await setUp();
  const waiting = post(orderText(1), { prefer: "wait=20" });
  const pedido = '{"codigoPedido":2,"codigoCliente":1,"itens":[{"produto":"a","quantidade":1,"preco":1}]}';
  const old = post(pedido, {}, "/pedido");
  await new Promise((resolve) => setTimeout(resolve, 200));
  await record(orderText(1), orderText(2));
  expect((await waiting).status).toBe(201);
  expect([(await old).status, await (await old).json()]).toEqual([201, { msg: "Pedido criado com sucesso" }]);
  const conflicting = await post(orderText(1, 1, 5), { prefer: "wait=20" });
  expect([conflicting.status, await conflicting.json()]).toMatchObject([409, { orderId: 1 }]);
  expect((await post(pedido.replace('"quantidade":1', '"quantidade":2'), {}, "/pedido")).status).toBe(409);
});

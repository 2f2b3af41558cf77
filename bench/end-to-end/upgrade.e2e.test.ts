import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freshDatabase, freshVirtualHost } from "@pedidos/testing";
import amqp from "amqplib";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { REPOSITORY } from "../harness/bundles.ts";
import { runMigrator } from "../harness/run-migrator.ts";
import { startTestSystem, until } from "./start-test-system.ts";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let vhost: Awaited<ReturnType<typeof freshVirtualHost>>;
let client: pg.Client;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  [database, vhost] = await Promise.all([freshDatabase(), freshVirtualHost()]);
  client = new pg.Client(database.url);
  client.on("error", () => {}); // dropping ends it
  await client.connect();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await client.end();
  await Promise.all([database.drop(), vhost.drop()]);
});

const sql = async <Row extends pg.QueryResultRow>(text: string) => (await client.query<Row>(text)).rows;
const count = async (from: string) => (await sql<{ n: number }>(`select count(*)::int as n from ${from}`))[0]?.n;

/** What the replaced system computed for an order, noise of floating point included: 300.2, 0.30000000000000004, … */
const oldTotal = (code: number) => (code % 5000) * 0.1 + 0.2;

/** A database as that system leaves it: orders 1 … rows of 1000 customers, and six rows that can't become an order. */
async function leaveReplacedDatabase(rows: number): Promise<void> {
  await client.query(`
    create table pedidos (
      id serial primary key, codigo_pedido int, codigo_cliente int, valor_total float,
      created_at timestamp default current_timestamp
    );
    insert into pedidos (codigo_pedido, codigo_cliente, valor_total, created_at)
    select code, code % 1000 + 1, (code % 5000) * 0.1::float + 0.2::float, timestamp '2024-02-29 12:00' + code * interval '1 minute'
    from generate_series(1, ${rows}) as code;
    update pedidos set valor_total = 120.00000000000001 where id = 7;
    insert into pedidos (codigo_pedido, codigo_cliente, valor_total) values
      (1, 2, 0.30000000000000004), (2, 5000, 7), (null, 5000, 5), (3000000, 5000, 'NaN'), (3000001, 5000, null),
      (3000002, null, 5)`);
}
const ACCOUNT =
  "6 rows could not become an order and stay in pedidos_legacy: " +
  "1 with no code, 1 with no customer, 2 with no total, 2 with the code of an earlier row";

/** A report written for that system: a line a customer. */
const report = (lastId: number) =>
  sql(`select codigo_cliente::int, count(*)::int as pedidos, round(sum(valor_total)::numeric, 2)::text as total,
      min(created_at)::text as primeiro, max(id)::int as ultimo
    from pedidos where id <= ${lastId} and codigo_cliente <= 1000 group by codigo_cliente order by codigo_cliente`);

/** A producer of that system: it declares the queue itself, not durable, and publishes until it is stopped. */
async function startOldProducer({ firstCode, again }: { firstCode: number; again: () => number }) {
  const connection = await amqp.connect(vhost.url);
  const sent: number[] = [];
  let stopped = false;
  async function run(): Promise<void> {
    while (!stopped) {
      // A channel for a few messages, each with its declaration: one that differed would be refused.
      const channel = await connection.createConfirmChannel();
      await channel.assertQueue("pedidos", { durable: false });
      for (let i = 0; i < 20; i++) {
        const code = firstCode + sent.length;
        for (const codigoPedido of [code, again()]) {
          const itens = [{ produto: "lápis", quantidade: 1, preco: oldTotal(codigoPedido), obs: "" }];
          const pedido = { codigoPedido, codigoCliente: (codigoPedido % 1000) + 1, itens, origem: "loja" };
          channel.sendToQueue("pedidos", Buffer.from(JSON.stringify(pedido)));
        }
        sent.push(code);
        await channel.waitForConfirms();
      }
      await channel.close();
    }
  }
  const running = run();
  return {
    sent,
    async stop() {
      stopped = true;
      await running;
      await connection.close();
    },
  };
}

const migrate = () => runMigrator(database.url);

test("100000 orders are taken over while an old producer goes on: each is there once, old reports and routes are answered", async () => {
  const OLD = 100_000;
  await leaveReplacedDatabase(OLD);
  const reader = `reports_${randomUUID().slice(0, 8)}`;
  await client.query(`create role ${reader}; grant select on pedidos to ${reader}`);
  closing.push(() => client.query(`drop owned by ${reader}; drop role ${reader}`));
  const reported = await report(OLD);
  let lastAgain = 10;
  const producer = await startOldProducer({ firstCode: OLD + 1, again: () => lastAgain++ });
  await until(() => expect(producer.sent.length).toBeGreaterThan(20));

  expect(await migrate()).toContain(`pedidos: ${OLD} orders taken over, ${ACCOUNT}`);

  const key = "k".repeat(32);
  const system = await startTestSystem({
    databaseUrl: database.url,
    amqpUrl: vhost.url,
    migrate: false,
    env: { ANONYMOUS_SCOPES: "legacy" },
    keys: [{ name: "new", key, scopes: ["orders:read"] }],
  });
  closing.push(system.stop);
  const before = producer.sent.length;
  await until(async () => expect(await count("orders")).toBeGreaterThan(OLD + before));
  await producer.stop();
  const all = OLD + producer.sent.length;
  await until(async () => expect(await count("orders")).toBe(all));
  const channel = await system.channel();
  await until(async () => expect(await channel.checkQueue("pedidos")).toMatchObject({ messageCount: 0 }));

  // Each once, and counted once.
  expect(await count(`(select order_id from orders except select generate_series(1, ${all})) as strangers`)).toBe(0);
  expect(await sql("select sum(order_count)::int as n, sum(total_value)::text as total from customers")).toEqual(
    await sql("select count(*)::int as n, sum(total)::text as total from orders"),
  );
  expect(await count("rejections")).toBe(0);
  expect(await count("pedidos_legacy")).toBe(OLD + 6);

  // Old reports, by the role that made them before.
  await client.query(`set role ${reader}`);
  expect(await report(OLD)).toEqual(reported);
  await client.query("reset role");
  expect(
    await sql(`select valor_total, pg_typeof(valor_total)::text as type from pedidos where codigo_pedido = 7`),
  ).toEqual([{ valor_total: 120, type: "double precision" }]);

  // Old routes, without a key; nothing else without one.
  expect(await system.get("/pedido/7")).toMatchObject({ status: 200, body: { codigo_pedido: 7, valor_total: 120 } });
  const firstOf8 = { id: 7, codigo_pedido: 7, codigo_cliente: 8, valor_total: 120 };
  const listed = await system.get("/cliente/8/pedidos");
  expect(listed.body.pedidos).toEqual(expect.arrayContaining([expect.objectContaining(firstOf8)]));
  const counted = await count("pedidos where codigo_cliente = 8");
  expect((await system.get("/cliente/8/quantidade_pedidos")).body).toEqual({
    codigo_cliente: 8,
    quantidade_pedidos: counted,
  });
  expect((await system.get("/v1/orders/7")).status).toBe(401);
  const read = await system.get("/v1/orders/7", { authorization: `Bearer ${key}` });
  expect(read.body).toMatchObject({ orderId: 7, customerId: 8, total: "120.00", items: [] });

  // An old order sent again is the same one, or a conflict.
  const pedido = (preco: number) =>
    JSON.stringify({ codigoPedido: 7, codigoCliente: 8, itens: [{ produto: "a", quantidade: 1, preco }] });
  expect(await system.post("/pedido", pedido(120.00000000000001))).toMatchObject({ status: 201 });
  expect(await system.post("/pedido", pedido(120.01))).toMatchObject({ status: 409 });
  expect((await system.get("/pedido/7")).body).toEqual({ codigo_pedido: 7, valor_total: 120 });
  expect(await count("orders")).toBe(all);
});

test("docs/migrating.md: its way back returns every order to the old table, the way forward again takes them over", async () => {
  const page = await readFile(join(REPOSITORY, "docs/migrating.md"), "utf8");
  const [standing = "", check = "", stayed = "", wayBack = ""] = Array.from(
    page.matchAll(/```sql\n(.*?)```/gs),
    ([, statements]) => statements,
  );
  await leaveReplacedDatabase(500);
  await client.query("create view vendas as select sum(valor_total) from pedidos");
  expect(await sql(standing)).toEqual([{ view: "vendas" }]);
  await client.query("drop view vendas");
  const rows = "select *, valor_total::text as exact, created_at::text as at from pedidos order by id";
  const left = await sql(rows);
  await migrate();
  const system = await startTestSystem({ databaseUrl: database.url, amqpUrl: vhost.url, migrate: false });
  closing.push(system.stop);
  const itens = [{ produto: "lápis", quantidade: 3, preco: 0.1 }];
  for (const codigoPedido of [501, 502])
    await system.post("/pedido", JSON.stringify({ codigoPedido, codigoCliente: 1, itens }));
  const taken = await sql("select codigo_pedido::int, codigo_cliente::int, valor_total from pedidos order by 1");
  expect(await Promise.all([system.apps.api.terminate(), system.apps.consumer.terminate()])).toEqual([0, 0]);
  const checked = [];
  for (const statement of check.split(/(?<=;)\n *(?=select)/)) checked.push(...(await sql(statement)));
  expect(checked).toEqual([{ taken_over: "500", left_behind: "6" }, { since: "2" }]);
  expect(await sql(stayed)).toHaveLength(6);

  await client.query(wayBack);
  expect(
    await sql(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')`),
  ).toEqual([{ relname: "pedidos" }]);
  const back = await sql(rows);
  expect(back.slice(0, left.length)).toEqual(left);
  expect(back.slice(left.length)).toMatchObject([
    { id: 507, codigo_pedido: 501, codigo_cliente: 1, valor_total: 0.3 },
    { id: 508, codigo_pedido: 502, codigo_cliente: 1, valor_total: 0.3 },
  ]);
  // As the old consumer writes.
  await client.query("insert into pedidos (codigo_pedido, codigo_cliente, valor_total) values (503, 1, 9.5)");

  expect(await migrate()).toContain(`pedidos: 503 orders taken over, ${ACCOUNT}`);
  expect(await sql("select codigo_pedido::int, codigo_cliente::int, valor_total from pedidos order by 1")).toEqual([
    ...taken,
    { codigo_pedido: 503, codigo_cliente: 1, valor_total: 9.5 },
  ]);
});

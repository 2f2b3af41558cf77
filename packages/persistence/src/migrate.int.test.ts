import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshDatabase } from "@pedidos/testing";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { holdsReplacedTable, migrate } from "./migrate.ts";
import { SQL_DIRECTORY } from "./migrated-database.ts";

let database: { url: string; drop: () => Promise<void> };
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const run = (directory = SQL_DIRECTORY) => migrate({ connectionString: database.url, directory });
async function query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

test("two processes at once apply each file once", async () => {
  const [a, b] = await Promise.all([run(), run()]);
  expect([...a.applied, ...b.applied].sort()).toEqual((await readdir(SQL_DIRECTORY)).sort());
  expect((await run()).applied).toEqual([]);
});

test("a file that fails is named, and leaves nothing of the run behind", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pedidos-sql-"));
  await writeFile(join(directory, "0001_good.sql"), "create table good (id int); create table better (id int);");
  await writeFile(join(directory, "0002_bad.sql"), "create table bad (id nonsense);");
  await expect(run(directory)).rejects.toThrow("0002_bad.sql could not be applied");
  expect(await query("select to_regclass('good') as good")).toEqual([{ good: null }]);
  await rm(directory, { recursive: true });
});

test("the replaced system's table is taken over in place, nothing is lost, and what stays behind is counted", async () => {
  await query(`
    create table pedidos (id serial primary key, codigo_pedido int, codigo_cliente int, valor_total float,
      created_at timestamp default current_timestamp);
    insert into pedidos (codigo_pedido, codigo_cliente, valor_total, created_at) values
      (1001, 1, 120.00000000000001, '2020-01-02 03:04:05'),
      (1002, 1, 0.30000000000000004, null),
      (1001, 1, 7, '2020-01-03'),
      (null, 1, 5, '2020-01-04'),
      (1003, 2, 'NaN', '2020-01-05'),
      (1004, 2, 1.005, 'infinity'),
      (1005, null, 5, '2020-01-06')`);
  expect(await holdsReplacedTable(database.url)).toBe(true);
  const { notices } = await run();
  expect(notices).toEqual([
    "pedidos: 3 orders taken over, 4 rows could not become an order and stay in pedidos_legacy: 1 with no code, 1 with no customer, 1 with no total, 1 with the code of an earlier row",
  ]);
  expect(await holdsReplacedTable(database.url)).toBe(false);
  expect(await query("select count(*)::int as n from pedidos_legacy")).toEqual([{ n: 7 }]);
  expect(
    await query("select id::int, codigo_pedido::int, codigo_cliente::int, valor_total from pedidos order by id"),
  ).toEqual([
    { id: 1, codigo_pedido: 1001, codigo_cliente: 1, valor_total: 120 },
    { id: 2, codigo_pedido: 1002, codigo_cliente: 1, valor_total: 0.3 },
    { id: 6, codigo_pedido: 1004, codigo_cliente: 2, valor_total: 1.01 },
  ]);
  expect(await query("select created_at::text from pedidos where id = 1")).toEqual([
    { created_at: "2020-01-02 03:04:05" },
  ]);
  expect(await query("select order_count::int, total_value::text from customers order by customer_id")).toEqual([
    { order_count: 2, total_value: "120.30" },
    { order_count: 1, total_value: "1.01" },
  ]);
  expect(await query("select nextval('order_seq')::int as next")).toEqual([{ next: 8 }]);
});

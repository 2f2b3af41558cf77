import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshDatabase } from "@pedidos/testing";
import pg from "pg";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { holdsReplacedTable, migrate } from "./migrate.ts";
import { SQL_DIRECTORY } from "./migrated-database.ts";

let database: { url: string; drop: () => Promise<void> };
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const run = (directory = SQL_DIRECTORY) => migrate({ connectionString: database.url, directory });
async function query<Row extends pg.QueryResultRow>(text: string, url = database.url): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);
/** The server's database of this name. */
function at(name: string): string {
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** What a run has left in a database: its schemas but for those that every database has, and its tables and views. */
async function relations(url = database.url): Promise<unknown[]> {
  const rows = await query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname not in ('public', 'information_schema') and nspname !~ '^pg_'
    union all
    select relname from pg_class join pg_namespace n on n.oid = relnamespace
    where nspname <> 'information_schema' and nspname !~ '^pg_' and relkind in ('r', 'v', 'S')`,
    url,
  );
  return rows.map(({ name }) => name);
}

async function sqlFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "pedidos-sql-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

test("two processes at once apply each file once", async () => {
  const [a, b] = await Promise.all([run(), run()]);
  expect([...a.applied, ...b.applied].sort()).toEqual((await readdir(SQL_DIRECTORY)).sort());
  expect((await run()).applied).toEqual([]);
});

test("a file that fails is named, and leaves nothing of the run behind", async () => {
  const directory = await sqlFiles({
    "0001_good.sql": "create table good (id int); create table better (id int);",
    "0002_bad.sql": "create table bad (id nonsense);",
  });
  await expect(run(directory)).rejects.toThrow("0002_bad.sql could not be applied");
  expect(await relations()).toEqual([]);
});

test("two processes at once wait for each other, whatever the database sets for its sessions", async () => {
  for (const setting of ["default_transaction_isolation = serializable", "lock_timeout = '50ms'"])
    await query(`alter database ${nameOf(database.url)} set ${setting}`);
  const directory = await sqlFiles({ "0001_slow.sql": "create table slow (id int); select pg_sleep(0.5);" });
  const [a, b] = await Promise.all([run(directory), run(directory)]);
  expect([...a.applied, ...b.applied]).toEqual(["0001_slow.sql"]);
});

test("another program's list of migrations is no obstacle, in whatever schema, and stays as it is", async () => {
  await query(`
    create schema elsewhere;
    create table elsewhere.schema_migrations (version text);
    create table schema_migrations (version text primary key);
    create table schema_migrations_lock (id int);
    create table kysely_migration (name text);
    insert into schema_migrations values ('20240101');`);
  expect((await run()).applied).toHaveLength((await readdir(SQL_DIRECTORY)).length);
  expect((await run()).applied).toEqual([]);
  expect(await query("select * from schema_migrations")).toEqual([{ version: "20240101" }]);
});

test("two installations in one database, each in a schema of its own, know nothing of each other", async () => {
  await query('create schema "Loja A"; create schema b');
  const files = await readdir(SQL_DIRECTORY);
  const urlOf = (path: string) => {
    const url = new URL(database.url);
    url.searchParams.set("options", `-c search_path=${path}`);
    return url.href;
  };
  for (const path of ['"Loja\\ A"', "b,public"]) {
    expect((await migrate({ connectionString: urlOf(path), directory: SQL_DIRECTORY })).applied).toHaveLength(
      files.length,
    );
    expect((await migrate({ connectionString: urlOf(path), directory: SQL_DIRECTORY })).applied).toEqual([]);
  }
  expect(await query("select schemaname as in from pg_tables where tablename = 'orders' order by 1")).toEqual([
    { in: "Loja A" },
    { in: "b" },
  ]);
});

test("a schema that holds tables of these names without a list is refused", async () => {
  await query("create table orders (id int)");
  await expect(run()).rejects.toThrow("The schema public of the database");
  expect(await relations()).toEqual(["orders"]);
});

test.each(["LATIN1", "SQL_ASCII"])("the encoding %s is refused before anything is changed", async (encoding) => {
  const name = `${nameOf(database.url)}_${encoding.toLowerCase()}`;
  await query(`create database ${name} encoding '${encoding}' locale 'C' template template0`);
  onTestFinished(async () => void (await query(`drop database ${name}`, at("postgres"))));
  await expect(migrate({ connectionString: at(name), directory: SQL_DIRECTORY })).rejects.toThrow(
    new RegExp(`The database ${name} has the encoding ${encoding}.*create database pedidos encoding 'UTF8'`),
  );
  expect(await relations(at(name))).toEqual([]);
});

test("a database that is read-only, and a user without rights, are refused with what to do", async () => {
  const name = nameOf(database.url);
  await query(`alter database ${name} set default_transaction_read_only = on`);
  await expect(run()).rejects.toThrow(`The database ${name} is read-only for the user postgres`);
  await query(`alter database ${name} reset default_transaction_read_only`, at("postgres"));
  await query(`create role ${name} login`);
  onTestFinished(async () => void (await query(`drop role ${name}`, at("postgres"))));
  const url = new URL(database.url);
  url.username = name;
  const asUser = () => migrate({ connectionString: url.href, directory: SQL_DIRECTORY });
  await expect(asUser()).rejects.toThrow(`The user ${name} may not change the schema public of the database ${name}`);
  await query(`grant create on schema public to ${name}`);
  await expect(asUser()).rejects.toThrow("grant create on database");
  expect(await relations()).toEqual([]);
  await query(`grant create on database ${name} to ${name}`);
  expect((await asUser()).applied).toHaveLength((await readdir(SQL_DIRECTORY)).length);
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

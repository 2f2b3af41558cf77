import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshDatabase } from "@pedidos/testing";
import pg from "pg";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { SQL_DIRECTORY } from "../testing/migrated-database.ts";
import { holdsReplacedTable, MigrationUncertain, migrate } from "./migrate.ts";

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

test("a schema that was dropped and made again is migrated from the start, though its list stayed", async () => {
  const { applied } = await run();
  await query("drop schema public cascade; create schema public");
  expect((await run()).applied).toEqual(applied);
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

test("two processes at once wait for each other, with any settings of the database for its sessions", async () => {
  for (const setting of ["default_transaction_isolation = serializable", "lock_timeout = '50ms'"])
    await query(`alter database ${nameOf(database.url)} set ${setting}`);
  const directory = await sqlFiles({ "0001_slow.sql": "create table slow (id int); select pg_sleep(0.5);" });
  const [a, b] = await Promise.all([run(directory), run(directory)]);
  expect([...a.applied, ...b.applied]).toEqual(["0001_slow.sql"]);
});

test("where the connection is lost during the commit it does not say that nothing was changed", async () => {
  const { hostname, port } = new URL(database.url);
  const relay = createServer((client) => {
    const server = connect(Number(port), hostname);
    server.on("error", () => {}).pipe(client.on("error", () => {}));
    client.on("data", (bytes) => {
      if (!bytes.includes("commit\0")) server.write(bytes);
      else server.end(bytes, () => client.destroy());
    });
    client.on("close", () => server.end());
  });
  await once(relay.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void relay.close());
  const address = relay.address();
  const url = new URL(database.url);
  url.port = typeof address === "object" ? String(address?.port) : "";
  await expect(migrate({ connectionString: url.href, directory: SQL_DIRECTORY })).rejects.toThrow(MigrationUncertain);
  await vi.waitFor(async () => expect((await run()).applied).toEqual([]), 30_000);
});

test("another program's list of migrations is no obstacle, in any schema, and stays as it is", async () => {
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

const OLD_TABLE = `create table pedidos (id serial primary key, codigo_pedido int, codigo_cliente int, valor_total float,
  created_at timestamp default current_timestamp)`;

test("totals are taken over exactly up to 15 digits before the point, in any float format", async () => {
  const totals = ["12345678901234.56", "123456789012345.67", "99999999999.995", "1e15", "0.1", "1.005", "2.675"];
  for (const setting of ["extra_float_digits = -15", "client_min_messages = error"])
    await query(`alter database ${nameOf(database.url)} set ${setting}`);
  await query(`${OLD_TABLE};
    insert into pedidos (codigo_pedido, codigo_cliente, valor_total)
    select n, 1, total::float8 from unnest('{${totals.join(",")}}'::text[]) with ordinality as t (total, n)`);
  expect((await run()).notices).toEqual([expect.stringMatching(/^pedidos: 7 orders taken over, 0 rows/)]);
  // A double has 15 to 17 digits: the shortest text that reads as the stored one is what the old system was given.
  const taken = await query<{ total: string }>("select total::text from orders order by order_id");
  expect(taken.map(({ total }) => total)).toEqual([
    "12345678901234.56",
    "123456789012345.67",
    "100000000000.00",
    "1000000000000000.00",
    "0.10",
    "1.01",
    "2.68",
  ]);
  const [shown] = await query(
    "select valor_total = 12345678901234.56::float8 as same from pedidos where codigo_pedido = 1",
  );
  expect(shown).toEqual({ same: true });
});

test("created_at is read in the database's time zone, not in that of the role or connection string", async () => {
  const [name, role] = [nameOf(database.url), `${nameOf(database.url)}_role`];
  await query(`create role ${role} login superuser; alter role ${role} set timezone = 'Asia/Tokyo'`);
  onTestFinished(async () => void (await query(`drop role ${role}`, at("postgres"))));
  const url = new URL(database.url);
  url.username = role;
  url.searchParams.set("options", "-c TimeZone=Pacific/Auckland");
  const taken = async () => {
    await query(`${OLD_TABLE}; insert into pedidos values (1, 1, 1, 1, '2020-01-02 03:04:05')`);
    await migrate({ connectionString: url.href, directory: SQL_DIRECTORY });
    const rows = await query("select to_char(recorded_at at time zone 'UTC', 'HH24:MI') as at from orders");
    await query("drop schema public, pedidos_migrations_of_public cascade; create schema public");
    return rows;
  };
  const [server] = await query<{ hour: string }>(
    "select to_char('2020-01-02 03:04:05'::timestamp at time zone boot at time zone 'UTC', 'HH24:MI') as hour from (select setting as boot from pg_file_settings where name ilike 'timezone') f",
  );
  expect(await taken()).toEqual([{ at: server?.hour }]);
  await query(`alter database ${name} set timezone = 'America/Sao_Paulo'`);
  expect(await taken()).toEqual([{ at: "06:04" }]);
});

test("a user who may not see the database's time zone is refused where it matters", async () => {
  const [name, role] = [nameOf(database.url), `${nameOf(database.url)}_role`];
  await query(`create role ${role} login; alter role ${role} set timezone = 'Asia/Tokyo';
    grant create on schema public to ${role}; grant create on database ${name} to ${role};
    ${OLD_TABLE}; alter table pedidos owner to ${role}; insert into pedidos values (1, 1, 1, 1, '2020-01-02 03:04:05')`);
  onTestFinished(async () => void (await query(`drop role ${role}`, at("postgres"))));
  const url = new URL(database.url);
  url.username = role;
  const asRole = () => migrate({ connectionString: url.href, directory: SQL_DIRECTORY });
  await expect(asRole()).rejects.toMatchObject({
    cause: { message: expect.stringContaining(`alter database ${name} set timezone`) },
  });
  await query(`alter database ${name} set timezone = 'America/Sao_Paulo'`);
  await asRole();
  expect(await query("select to_char(recorded_at at time zone 'UTC', 'HH24:MI') as at from orders")).toEqual([
    { at: "06:04" },
  ]);
});

test("times outside the years 0001 to 9999 are as none, ids go from one end of their type to the other", async () => {
  await query(`${OLD_TABLE};
    insert into pedidos values (-2147483648, 1, 1, 1, '0044-03-15 BC'), (0, 2, 1, 1, '9999-12-31 23:59:59'),
      (2147483647, 3, 1, 1, '12000-01-01'), (-1, 2147483647, 2147483647, 1, '0001-01-01')`);
  await run();
  expect(await query("select id::int, (created_at = 'epoch') as none from pedidos order by id")).toEqual([
    { id: -2147483648, none: true },
    { id: -1, none: true },
    { id: 0, none: true },
    { id: 2147483647, none: true },
  ]);
  expect(await query("select nextval('order_seq')::text as next")).toEqual([{ next: "2147483648" }]);
});

test("an installation does not open its orders to a user who may read another one's", async () => {
  const reader = `${nameOf(database.url)}_reader`;
  await query(`${OLD_TABLE}; create role ${reader}; grant select on pedidos to ${reader}`);
  onTestFinished(async () => void (await query(`drop role ${reader}`, at("postgres"))));
  await run();
  await query("create schema b");
  const url = new URL(database.url);
  url.searchParams.set("options", "-c search_path=b,public");
  await migrate({ connectionString: url.href, directory: SQL_DIRECTORY });
  expect(
    await query(`select has_table_privilege('${reader}', 'public.pedidos', 'select') as own,
      has_table_privilege('${reader}', 'b.pedidos', 'select') as other`),
  ).toEqual([{ own: true, other: false }]);
});

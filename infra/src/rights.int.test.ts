import { readdirSync } from "node:fs";
import { migrate, openDatabase, openHorizon, readTransactions, runExclusively } from "@pedidos/persistence";
import { startPostgres } from "@pedidos/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { directory, type GuardedPostgres, query, readInfra, startGuardedPostgres } from "./start-guarded-postgres.ts";

const DENIED = "42501";
const ROLES = ["pedidos_owner", "pedidos_api", "pedidos_consumer", "pedidos_reader"];

let server: GuardedPostgres;
beforeAll(async () => {
  server = await startGuardedPostgres();
  await query(server.urlOf("postgres"), "create role stranger login");
});
afterAll(() => server.remove());

/** Every right on a database and on what is in it that somebody has who does not own it, by who has it. */
async function listRights(url: string): Promise<Record<string, string[]>> {
  const rows = await query(
    url,
    `with object as (
      select 'database' as name, coalesce(datacl, acldefault('d', datdba)) as acl, datdba as owner, null::name as part
      from pg_database where datname = current_database()
      union all
      select 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner)), nspowner, null
      from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
      union all
      select relname, coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)), relowner, null
      from pg_class join pg_namespace n on n.oid = relnamespace where nspname !~ '^pg_' and nspname <> 'information_schema'
      union all
      select relname, attacl, relowner, attname from pg_attribute join pg_class c on c.oid = attrelid
      join pg_namespace n on n.oid = relnamespace where nspname !~ '^pg_' and nspname <> 'information_schema'
      union all
      select 'routine ' || p.oid::regprocedure, coalesce(proacl, acldefault('f', proowner)), proowner, null
      from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname !~ '^pg_' and nspname <> 'information_schema'
      union all
      select 'default', defaclacl, defaclrole, null from pg_default_acl
    )
    select case grantee when 0 then 'public' else grantee::regrole::text end as grantee,
      lower(privilege_type) || coalesce(' (' || string_agg(part, ', ' order by part collate "C") || ')', '') || ' on ' || name as "right"
    from object, aclexplode(acl) where grantee <> owner
    group by grantee, privilege_type, name, part is null`,
  );
  return Object.fromEntries(
    [...Map.groupBy(rows, ({ grantee }) => String(grantee))].map(([grantee, list]) => [
      grantee,
      list.map((row) => String(row.right)).sort(),
    ]),
  );
}

test("nobody has a right that was not decided", async () => {
  const sums = "first_order_at, last_order_at, order_count, total_value";
  const decided: Record<string, string[]> = {
    public: ["usage on schema public"],
    pedidos_api: [
      "connect on database",
      "insert (action, actor, address, detail, rejection_id, request_id) on audit",
      "insert (body, source, suspect, traceparent, tries) on spool",
      "insert on customers",
      "select (leased_until, order_id, queued_at, refusals, refused_for, retry_at, source, spool_id, suspect, tries) on spool",
      ...["audit", "consuming", "customers", "exclusive_work", "orders", "outbox", "pedidos", "rejections"].map(
        (name) => `select on ${name}`,
      ),
      "update (changed_at, changed_by, paused) on consuming",
      `update (${sums}) on customers`,
      "update (name) on exclusive_work",
      "update (status) on rejections",
    ],
    pedidos_consumer: [
      "connect on database",
      ...["outbox", "oversized", "spool"].map((name) => `delete on ${name}`),
      ...["customers", "orders", "outbox", "oversized", "rejections", "spool"].map((name) => `insert on ${name}`),
      "select (paused) on consuming",
      ...["customers", "orders", "outbox", "oversized", "rejections", "spool"].map((name) => `select on ${name}`),
      "update (attempts, next_attempt_at, outbox_id) on outbox",
      "update (attempts, next_attempt_at, oversized_id) on oversized",
      `update (${sums}) on customers`,
      "update (last_seen_at, times) on rejections",
      "update on spool",
      "usage on order_seq",
    ],
    pedidos_reader: [
      "connect on database",
      ...["customers", "order_items", "orders", "pedidos", "rejections"].map((name) => `select on ${name}`),
    ],
  };
  expect(await listRights(server.urlOf("postgres"))).toEqual(decided);
});

test("roles that are made late are granted the same by running the files again", async () => {
  const other = await startPostgres();
  onTestFinished(() => other.remove());
  await migrate({ connectionString: other.url, directory });
  for (const file of ["roles.sql", "database.sql"]) await query(other.url, readInfra(file));
  for (const file of readdirSync(directory)
    .filter((name) => name.includes("grants"))
    .sort())
    await query(other.url, readInfra(`sql/${file}`));
  expect(await listRights(other.url)).toEqual(await listRights(server.urlOf("postgres")));
});

test("who is not one of ours can't connect, and nobody fills the disk with temporary tables", async () => {
  expect(await server.attempt("stranger", "select")).toBe(DENIED);
  for (const role of ROLES.slice(1))
    expect(await server.attempt(role, "set transaction read write; create temporary table mine ()"), role).toBe(DENIED);
});

test("an administrator who is no superuser, as in a managed service, closes it but for what takes one", async () => {
  await query(server.urlOf("postgres"), "create role boss login");
  await query(server.urlOf("postgres"), "create database managed owner boss");
  await query(server.urlOf("boss", "managed"), readInfra("database.sql"));
  expect(await server.attempt("stranger", "select", "managed")).toBe(DENIED);
  expect(await server.attempt("pedidos_reader", "select", "managed")).toBe("done");
});

test("nobody but the administrator uses large objects or advisory locks", async () => {
  const rows = await query(
    server.urlOf("postgres"),
    `select p.oid::regprocedure::text as routine, role from pg_proc p, unnest('{${ROLES},stranger}'::text[]) role
    where pronamespace = 'pg_catalog'::regnamespace and has_function_privilege(role, p.oid, 'execute')
      and (proname ~ '^lo(_|read$|write$)' or proname ~ 'advisory')`,
  );
  expect(rows).toEqual([]);
  const [known] = await query(
    server.urlOf("postgres"),
    "select to_regprocedure('lo_put(oid, bigint, bytea)') is not null and to_regprocedure('pg_try_advisory_lock(int, int)') is not null as known",
  );
  expect(known).toEqual({ known: true });
  for (const text of ["select lo_from_bytea(0, 'x')", "select pg_advisory_lock(1)", "select from pg_largeobject"])
    expect(await server.attempt("pedidos_reader", `set transaction read write; ${text}`), text).toBe(DENIED);
});

test("each role has a limit of connections, together fewer than a server has, and takes none of another's", async () => {
  const [sum] = await query(
    server.urlOf("postgres"),
    `select count(*)::int as roles, bool_and(rolconnlimit between 1 and 60) as limited, sum(rolconnlimit)::int <= 100 - 3 as fit
    from pg_roles where rolname like 'pedidos%'`,
  );
  expect(sum).toEqual({ roles: ROLES.length, limited: true, fit: true });
  const [row] = await query(
    server.urlOf("postgres"),
    "select rolconnlimit from pg_roles where rolname = 'pedidos_reader'",
  );
  const clients = Array.from(
    { length: Number(row?.rolconnlimit) },
    () => new pg.Client(server.urlOf("pedidos_reader")),
  );
  onTestFinished(async () => void (await Promise.all(clients.map((client) => client.end()))));
  await Promise.all(clients.map((client) => client.connect()));
  expect(await server.attempt("pedidos_reader", "select")).toBe("53300");
  for (const role of ["pedidos_api", "pedidos_consumer"]) expect(await server.attempt(role, "select")).toBe("done");
});

/** Numbers of advisory locks that earlier versions took. */
const NUMBERS = ["7406001", "5716803120443518301"];
const HOLD = `begin; ${NUMBERS.map((number) => `select pg_advisory_lock(${number})`).join("; ")}`;

test("a reader stops neither a migration, nor what runs exclusively, nor the feed of changes", async () => {
  // One that database.sql has not closed, so that advisory locks are everybody's.
  await query(server.urlOf("postgres"), "create database open owner pedidos_owner");
  const reader = new pg.Client(server.urlOf("pedidos_reader", "open"));
  onTestFinished(() => reader.end());
  await reader.connect();
  await reader.query(HOLD);
  await migrate({ connectionString: server.urlOf("pedidos_owner", "open"), directory });
  const tables = await query(
    server.urlOf("pedidos_owner", "open"),
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
  );
  // To prepare a statement locks its table before any right is checked.
  for (const { name } of tables) {
    await reader.query(
      `prepare change_${name} as delete from ${name}; prepare lock_${name} as select from ${name} for update`,
    );
  }
  for (const text of [
    "select from exclusive_work for update",
    "lock table exclusive_work in access share mode",
    "lock table orders in row share mode",
    "lock table pedidos_migrations_of_public.files in access share mode",
    "prepare mine as delete from pedidos_migrations_of_public.files",
  ])
    expect(await server.attempt("pedidos_reader", `begin read write; ${text}`, "open"), text).toBe(DENIED);

  const db = openDatabase({ connectionString: server.urlOf("pedidos_api", "open"), applicationName: "test" });
  onTestFinished(() => db.destroy());
  const held = `select from pg_locks join pg_database d on d.oid = database
    where locktype = 'advisory' and datname = current_database() and pid <> ${Reflect.get(reader, "processID")}`;
  const advisory = await runExclusively(db, "dead letters", () => query(server.urlOf("postgres", "open"), held));
  expect(advisory, "no advisory lock is held meanwhile, so there is none to be taken").toEqual([]);
  expect(await openHorizon(() => readTransactions(db))(10_000)).not.toBeNull();
});

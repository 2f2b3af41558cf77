import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { freshDatabase } from "@pedidos/testing";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Change, listChanges } from "../changes/list-changes.ts";
import { openHorizon, readTransactions } from "../changes/open-horizon.ts";
import { listOrders, type Position } from "../orders/list-orders.ts";
import { probeRecording } from "../recording/probe-recording.ts";
import { recordOrders } from "../recording/record-orders.ts";
import { migrate } from "../schema/migrate.ts";
import { spoolOrders } from "../spool/spool-orders.ts";
import { anOrder, SQL_DIRECTORY, submitted } from "../testing/migrated-database.ts";
import { openDatabase, poolUse } from "./open-database.ts";
import { prepareSession } from "./prepare-session.ts";
import type { Db } from "./statements.ts";

/** What a connection string, a role or a database may say, each of which has made orders or times wrong. */
const FOREIGN = {
  TimeZone: "America/Sao_Paulo",
  DateStyle: "SQL, DMY",
  IntervalStyle: "sql_standard",
  bytea_output: "escape",
  extra_float_digits: "-15",
  array_nulls: "off",
  standard_conforming_strings: "off",
  default_transaction_isolation: "serializable",
  synchronous_commit: "off",
  exit_on_error: "on",
  client_min_messages: "error",
  statement_timeout: "200",
  lock_timeout: "1",
  idle_in_transaction_session_timeout: "200",
  idle_session_timeout: "200",
  transaction_timeout: "200",
  log_parameter_max_length_on_error: "-1",
};

const OURS = {
  TimeZone: "UTC",
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  extra_float_digits: "1",
  array_nulls: "on",
  standard_conforming_strings: "on",
  default_transaction_isolation: "read committed",
  synchronous_commit: "on",
  exit_on_error: "off",
  client_min_messages: "notice",
  statement_timeout: "10s",
  lock_timeout: "5s",
  idle_in_transaction_session_timeout: "10s",
  idle_session_timeout: "0",
  transaction_timeout: "0",
  log_parameter_max_length_on_error: "0",
};

let database: { url: string; drop: () => Promise<void> };
let admin: Db;
/** Older servers lack some. */
let known: (settings: Readonly<Record<string, string>>) => Record<string, string>;
beforeAll(async () => {
  database = await freshDatabase();
  await migrate({ connectionString: database.url, directory: SQL_DIRECTORY });
  admin = openDatabase({ connectionString: database.url, applicationName: "admin" });
  const { rows } = await sql<{ name: string }>`select name from pg_settings`.execute(admin);
  const names = new Set(rows.map((row) => row.name));
  known = (settings) => Object.fromEntries(Object.entries(settings).filter(([setting]) => names.has(setting)));
});
afterAll(async () => {
  await admin.destroy();
  await database.drop();
});

const name = () => new URL(database.url).pathname.slice(1);

function open(connectionString = database.url): Db {
  const db = openDatabase({ connectionString, applicationName: "test" });
  onTestFinished(() => db.destroy());
  return db;
}

/** Has a role or the database set something for every session, until the test is over. */
async function preset(who: "database" | "role", settings: Readonly<Record<string, string>>): Promise<void> {
  const subject = who === "database" ? `database "${name()}"` : `role postgres in database "${name()}"`;
  await admin.connection().execute(async (connection) => {
    for (const [setting, value] of Object.entries(known(settings)))
      await sql.raw(`alter ${subject} set ${setting} = '${value}'`).execute(connection);
  });
  onTestFinished(async () => {
    await sql.raw(`alter ${subject} reset all`).execute(admin);
  });
}

function withOptions(settings: Readonly<Record<string, string>>): string {
  const url = new URL(database.url);
  const flags = Object.entries(known(settings)).map(
    ([setting, value]) => `-c ${setting}=${value.replaceAll(" ", "\\ ")}`,
  );
  url.searchParams.set("options", flags.join(" "));
  return url.href;
}

const places = [
  ["the connection string", async () => withOptions(FOREIGN)],
  ["the role", async () => preset("role", FOREIGN).then(() => database.url)],
  ["the database", async () => preset("database", FOREIGN).then(() => database.url)],
] as const;

describe.each(places)("what %s sets changes nothing", (_, prepare) => {
  test("of what the session needs", async () => {
    const db = open(await prepare());
    const { rows } = await sql<{ name: string; value: string }>`
      select name, current_setting(name) as value from unnest(${Object.keys(known(OURS))}::text[]) as t (name)
    `.execute(db);
    expect(Object.fromEntries(rows.map((row) => [row.name, row.value]))).toEqual(known(OURS));
  });

  test("of orders, pages, changes and the spool", async () => {
    const db = open(await prepare());
    await sql`truncate orders, customers, outbox, spool restart identity`.execute(admin);
    const placed = { ...anOrder(1), placedAt: "2026-11-24T12:00:00.000001Z" };
    await recordOrders(db, [submitted(placed), submitted(anOrder(2))]);
    await recordOrders(db, [submitted(anOrder(3))]);
    await spoolOrders(db, [
      { source: "http", body: Buffer.from([0, 92, 255]), traceparent: "00-1-1-01" },
      { source: "http", body: Buffer.from("b") },
    ]);
    const kept = await sql<{ recorded: string; placed: string | null }>`
      select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as recorded,
        to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as placed
      from orders order by recorded_at desc, seq desc`.execute(admin);
    const seen = await pagesOf(db);
    expect(seen.map(({ orderId }) => orderId)).toEqual([3, 2, 1]);
    expect(seen.map((order) => [micros(order.recordedAt), micros(order.placedAt)])).toEqual(
      kept.rows.map((row) => [row.recorded, row.placed]),
    );
    expect((await changesOf(db, 3)).map(({ event }) => event.subject)).toEqual(["orders/1", "orders/2", "orders/3"]);
    const spooled = await sql<{ body: Buffer; traceparent: string | null }>`
      select body, traceparent from spool order by spool_id`.execute(db);
    expect(spooled.rows).toEqual([
      { body: Buffer.from([0, 92, 255]), traceparent: "00-1-1-01" },
      { body: Buffer.from("b"), traceparent: null },
    ]);
  });
});

test("a role's statement_timeout of a millisecond keeps nobody out", async () => {
  await preset("role", { statement_timeout: "1" });
  const db = open();
  expect((await sql`show statement_timeout`.execute(db)).rows).toEqual([{ statement_timeout: "10s" }]);
});

test("a session that reads times without a zone keeps the zone that is set, and has its own timeouts", async () => {
  const client = new pg.Client({ connectionString: withOptions({ ...FOREIGN, TimeZone: "America/Sao_Paulo" }) });
  await client.connect();
  onTestFinished(() => client.end());
  await prepareSession(client, { keepTimeZone: true, statementMs: 0, lockMs: 1_500, idleInTransactionMs: 90_000 });
  const { rows } =
    await client.query(`select current_setting('timezone') as zone, current_setting('datestyle') as style,
    current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`);
  expect(rows).toEqual([{ zone: "America/Sao_Paulo", style: "ISO, MDY", statement: "0", lock: "1500ms" }]);
});

test("remote_apply stays, as it is stronger than on", async () => {
  const db = open(withOptions({ synchronous_commit: "remote_apply" }));
  const shown = await sql`show synchronous_commit`.execute(db);
  expect(shown.rows).toEqual([{ synchronous_commit: "remote_apply" }]);
});

test("an operator's read-only database stays read-only", async () => {
  const db = open(withOptions({ default_transaction_read_only: "on" }));
  await expect(probeRecording(db)).rejects.toThrow("read-only");
  await expect(recordOrders(db, [submitted(anOrder(77))])).rejects.toMatchObject({ code: "25006" });
});

test.each([
  ["default_transaction_read_only = on", "25006"],
  ["search_path = pg_catalog", "42P01"],
])("what a database sets for its sessions (%s) holds no longer than it stands there", async (setting, code) => {
  const [name] = setting.split(" ");
  const target = sql.id(new URL(database.url).pathname.slice(1));
  const db = open();
  await sql`alter database ${target} set ${sql.raw(setting)}`.execute(admin);
  const lift = () => sql`alter database ${target} reset ${sql.raw(name ?? "")}`.execute(admin);
  onTestFinished(async () => void (await lift()));
  const record = (orderId: number) => recordOrders(db, [submitted(anOrder(orderId))]);
  // Several sessions begin with it.
  const refused = await Promise.allSettled([record(81), record(82), record(83)]);
  for (const one of refused) expect(one).toMatchObject({ status: "rejected", reason: { code } });
  await lift();
  await Promise.all([record(84), record(85), record(86)]);
});

test("where a setting can't be had, the error names it and the connection is not used", async () => {
  // As if something between set another time zone.
  const relay = await openRelay((text) => text.replace("'UTC'", "'GMT'"));
  const url = new URL(database.url);
  url.port = String(relay.port);
  const db = open(url.href);
  await expect(sql`select 1`.execute(db)).rejects.toThrow('recording depends on: timezone is "GMT", not "UTC"');
  expect(poolUse(db)).toEqual({ used: 0, idle: 0, waiting: 0 });
  await relay.ended;
});

/** A way to the database that changes what is said to it. `ended`: once its first connection is. */
async function openRelay(change: (text: string) => string) {
  const { hostname, port } = new URL(database.url);
  const ended = Promise.withResolvers<void>();
  const server = createServer((client: Socket) => {
    const upstream = connect(Number(port), hostname);
    client.on("data", (bytes) => upstream.write(change(bytes.toString("latin1")), "latin1"));
    upstream.pipe(client);
    client.on("close", () => {
      upstream.destroy();
      ended.resolve();
    });
    upstream.on("error", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return { port: address.port, ended: ended.promise };
}

/** `2026-11-24T12:00:00.25Z` as PostgreSQL's to_char writes it. */
function micros(time: string | null): string | null {
  const [, seconds = "", fraction = ""] = /^([^.]*?)(?:\.(\d+))?Z$/.exec(time ?? "") ?? [];
  return time === null ? null : `${seconds}.${fraction.padEnd(6, "0")}`;
}

async function pagesOf(db: Db) {
  const seen = [];
  let after: Position | null | undefined;
  do {
    const page = await listOrders(db, { limit: 1, ...(after ? { after } : {}) });
    seen.push(...page.orders);
    after = page.next;
  } while (after);
  return seen;
}

/** Other tests' transactions on the same server hold the horizon up. */
async function changesOf(db: Db, atLeast: number): Promise<Change[]> {
  const horizon = openHorizon(() => readTransactions(db));
  for (let tries = 0; ; tries++) {
    const before = (await horizon(1_000)) ?? "-infinity";
    const changes = await listChanges(db, { after: null, before, limit: 10 });
    if (changes.length >= atLeast || tries === 50) return changes;
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { type LocalPostgres, LocalPostgresError, startLocalPostgres } from "./index.ts";
import { findServerProcesses } from "./inspect-process.ts";
import { LARGEST_LOG_BYTES } from "./limit-log.ts";

const binaries = process.env.TEST_POSTGRES_DIR || undefined;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const started: LocalPostgres[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "local-postgres-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return join(folder, "data");
}

async function start(directory: string, more: { binaries?: string; durable?: boolean } = {}): Promise<LocalPostgres> {
  const server = await startLocalPostgres({ directory, binaries, durable: false, log: quiet, ...more });
  started.push(server);
  return server;
}

/** A server in a process of its own; → the process and its first line. */
async function startElsewhere(directory: string): Promise<{ owner: ChildProcess; line: string }> {
  const fixture = fileURLToPath(new URL("./own-server.fixture.ts", import.meta.url));
  const owner = spawn(process.execPath, [fixture, directory], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void owner.kill("SIGKILL"));
  const [line] = await once(createInterface(owner.stdout), "line");
  return { owner, line: String(line) };
}

async function query(connectionString: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

test("a first start makes a UTF-8 server that only this user reaches, and a stop leaves no process", async () => {
  vi.stubEnv("LANG", undefined);
  vi.stubEnv("PGPORT", "1");
  const directory = makeFolder();
  const server = await start(directory, { durable: true });
  const [row] = await query(
    server.connectionString,
    "select current_setting('server_encoding') encoding, current_setting('fsync') fsync, current_setting('listen_addresses') tcp, lower('É') lower",
  );
  expect(row).toEqual({ encoding: "UTF8", fsync: "on", tcp: "", lower: "é" });
  expect(statSync(join(directory, "run")).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, "postgres")).mode & 0o777).toBe(0o700);
  await server.stop();
  expect(findServerProcesses(join(directory, "postgres"))).toEqual([]);
  expect(server.pid()).toBeUndefined();
  await server.stop();
  vi.unstubAllEnvs();
});

test("a second start is refused, by another process too, and harms nothing", async () => {
  const directory = makeFolder();
  const server = await start(directory);
  const pid = server.pid();
  await expect(start(directory)).rejects.toThrow(`${directory} is in use by process ${process.pid}`);
  const { line } = await startElsewhere(directory);
  expect(line).toContain(`refused ${directory} is in use by process ${process.pid}`);
  // A process that can't see the owner's, as in another container, finds the mark in the server.
  rmSync(join(directory, "owner"));
  expect((await startElsewhere(directory)).line).toContain("another process owns the PostgreSQL server");
  expect(await query(server.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(server.pid()).toBe(pid);
});

test("of several first starts at once one succeeds", async () => {
  const directory = makeFolder();
  const lines = await Promise.all([1, 2, 3].map(() => startElsewhere(directory)));
  expect(lines.map(({ line }) => line.split(" ")[0]).sort()).toEqual(["ready", "refused", "refused"]);
});

test("after a kill -9 of the owner the next start ends the server left behind, and what was committed is there", async () => {
  const directory = makeFolder();
  const { owner, line } = await startElsewhere(directory);
  const [, pid = "", connectionString = ""] = line.split(" ");
  await query(connectionString, "create table kept as select 42 as answer");
  owner.kill("SIGKILL");
  await once(owner, "exit");
  const server = await start(directory);
  expect(await query(server.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  expect(findServerProcesses(join(directory, "postgres"))).not.toContain(Number(pid));
});

test("a server that is killed is started again, at the same place, and stays marked as owned", async () => {
  const directory = makeFolder();
  const server = await start(directory);
  const exits: unknown[] = [];
  server.onExit((exit) => exits.push(exit));
  await query(server.connectionString, "create table kept as select 42 as answer");
  const pid = server.pid() ?? 0;
  process.kill(pid, "SIGKILL");
  await untilItAnswers(server);
  expect(await query(server.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  expect(exits).toEqual([{ code: null, signal: "SIGKILL" }]);
  expect(server.pid()).not.toBe(pid);
  await expectMark(server);
});

async function untilItAnswers(server: LocalPostgres): Promise<void> {
  await vi.waitFor(() => query(server.connectionString, "select 1"), { timeout: 20_000, interval: 50 });
}

test("the owner's mark is taken again when its session is ended", async () => {
  const server = await start(makeFolder());
  await query(
    server.connectionString,
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted",
  );
  await expectMark(server);
});

async function expectMark(server: LocalPostgres): Promise<void> {
  await vi.waitFor(
    async () =>
      expect(
        await query(server.connectionString, "select 1 from pg_locks where locktype = 'advisory' and granted"),
      ).toHaveLength(1),
    { timeout: 10_000, interval: 50 },
  );
}

test("a folder whose path is too long for a socket, and full of odd characters, works", async () => {
  const directory = join(makeFolder(), `a b,c"d'é?#%20${"x".repeat(100)}`);
  const server = await start(directory);
  const place = new URL(server.connectionString).searchParams.get("host") ?? "";
  expect(place.startsWith(directory)).toBe(false);
  expect(statSync(place).mode & 0o777).toBe(0o700);
  process.kill(server.pid() ?? 0, "SIGKILL");
  await untilItAnswers(server);
  await server.stop();
  expect(existsSync(place)).toBe(false);
});

test("what a killed initdb left is removed", async () => {
  const directory = makeFolder();
  mkdirSync(join(directory, "postgres.new-killed", "base"), { recursive: true });
  writeFileSync(join(directory, "postgres.new-killed", "PG_VERSION"), "18\n");
  await start(directory);
  expect(readdirSync(directory).sort()).toEqual(["owner", "postgres", "postgres.log", "run"]);
});

test("a postmaster.pid whose id now belongs to another program, or that is empty, is no obstacle", async () => {
  const directory = makeFolder();
  await (await start(directory)).stop();
  const stale = `${process.pid}\n${directory}/postgres\n1\n5432\n${directory}/run\n\n 1 1\nready\n`;
  for (const text of [stale, ""]) {
    writeFileSync(join(directory, "postgres", "postmaster.pid"), text);
    const server = await start(directory);
    expect(await query(server.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
    await server.stop();
  }
});

test("the data of another major is refused by name, and left as it is", async () => {
  const directory = makeFolder();
  await (await start(directory)).stop();
  const file = join(directory, "postgres", "PG_VERSION");
  const major = Number.parseInt(readFileSync(file, "utf8"), 10);
  writeFileSync(file, "12\n");
  await expect(start(directory)).rejects.toThrow(new RegExp(`made by PostgreSQL 12, and this is PostgreSQL ${major}`));
  expect(readdirSync(directory).sort()).toEqual(["postgres", "postgres.log", "run"]);
});

test("PostgreSQL's files that are not there are named, and the setting that names others", async () => {
  const directory = makeFolder();
  const error = await start(directory, { binaries: "/nowhere" }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LocalPostgresError);
  expect(String(error)).toMatch(/\/nowhere\/bin\/postgres.*POSTGRES_DIR/);
});

const MEBIBYTE = 1024 * 1024;
const sizeOf = (file: string) => (existsSync(file) ? statSync(file).size : 0);

test("its log stays small while it runs, keeps the newest lines, and goes on", async () => {
  const directory = makeFolder();
  const server = await start(directory);
  const [log, older] = [join(directory, "postgres.log"), join(directory, "postgres.log.old")];
  for (const round of ["first", "second"]) {
    await query(
      server.connectionString,
      `do $$ begin
        for n in 1..40 loop raise log '%', repeat('x', ${MEBIBYTE}); end loop;
        raise log 'the end of the ${round} round';
      end $$`,
    );
    await vi.waitFor(() => expect(sizeOf(log)).toBeLessThanOrEqual(LARGEST_LOG_BYTES), {
      timeout: 30_000,
      interval: 50,
    });
    const both = readFileSync(older, "utf8") + readFileSync(log, "utf8");
    expect(both).toContain(`LOG:  the end of the ${round} round\n`);
    expect(both.length).toBeLessThan(40 * MEBIBYTE);
    await query(server.connectionString, `do $$ begin raise log 'after the ${round} round'; end $$`);
    const said = readFileSync(log, "utf8");
    expect(said).toContain(`LOG:  after the ${round} round\n`);
    expect(said).not.toContain("\0");
  }
  expect(readdirSync(directory).sort()).toEqual(["owner", "postgres", "postgres.log", "postgres.log.old", "run"]);
});

test("what fails is in its log without a row, a statement, or what was sent with one", async () => {
  const directory = makeFolder();
  const server = await start(directory);
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  await client.query("create table kept (content text, needed int not null unique)");
  const failing: [string, unknown[]][] = [
    ["insert into kept values ($1, null)", ["secret"]],
    ["insert into kept values ('secret', null)", []],
    ["insert into kept select $1, n from (values (1), (1)) t (n)", ["secret"]],
    ["select $1::json", ['{"secret": x}']],
    ["select 'secret', 1 / 0", []],
    ["secret", []],
  ];
  for (const [text, values] of failing) await client.query(text, values).catch(() => {});
  await client.query("do $$ begin perform 'secret', 1 / 0; end $$").catch(() => {});
  await client.end();
  const said = readFileSync(join(directory, "postgres.log"), "utf8");
  expect(said.match(/ERROR: /g)).toHaveLength(failing.length + 1);
  expect(said.replace('at or near "secret"', "")).not.toContain("secret");
});

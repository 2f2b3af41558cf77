import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { bundleOf } from "../harness/bundles.ts";

const CLI = bundleOf("cli");
const LIMIT_MIB = 300;

/** Takes every order, and keeps the line of each that is not too long. */
let api: Server;
let base: string;
let taken: string[];
let folder: string;
beforeAll(async () => {
  api = createServer(async (request, response) => {
    const lines = (await text(request)).split("\n").filter(Boolean);
    for (const line of lines) taken.push(line.length > 1_000 ? "long" : line);
    response.end(JSON.stringify({ accepted: lines.length, rejected: 0, errors: [] }));
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
});
beforeEach(() => {
  taken = [];
  folder = mkdtempSync(join(tmpdir(), "pedidos-files-"));
  return () => rmSync(folder, { recursive: true });
});
afterAll(() => {
  api.closeAllConnections();
  api.close();
});

/** Runs a command of a shell, in which `pedidos` is the built one. → also the most memory that it had, where /proc has it. */
async function run(script: string) {
  const watched = `const { readFileSync } = require("node:fs");
    process.on("exit", () => { try { console.error("peak", /VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]); } catch {} });`;
  writeFileSync(join(folder, "watch.cjs"), watched);
  const pedidos = `pedidos() { "${process.execPath}" --require "${folder}/watch.cjs" "${CLI}" "$@"; }`;
  const env = { PATH: process.env.PATH, PEDIDOS_URL: base };
  const child = spawn("bash", ["-c", `${pedidos}\n${script}`], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  const peakKiB = Number(/^peak (\d+)$/m.exec(errors)?.[1] ?? 0);
  return { code, output, errors, peakMiB: peakKiB / 1_024 };
}

const order = (orderId: number, quantity = 2) =>
  JSON.stringify({ orderId, customerId: 7, items: [{ product: "pen", quantity, unitPrice: "1.50" }] });
const SOME_BAD = `${[order(1), order(2, 0), order(3), "not JSON", order(5)].join("\n")}\n`;
const idsTaken = () => taken.map((line) => (line === "long" ? line : JSON.parse(line).orderId));
const reports = (below = ".") => readdirSync(join(folder, below)).filter((name) => name.includes("rejected"));
const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);

test.each([
  "send - < F",
  "cat F | pedidos send -",
  "send <(cat F)",
  "send /dev/stdin < F",
  "cat F | pedidos send /dev/stdin",
])("%s: the reports are in the working folder", async (command) => {
  mkdirSync(join(folder, "files"));
  write("files/some-bad.ndjson", SOME_BAD);
  const script = command.replaceAll("F", "files/some-bad.ndjson");
  const { code, output } = await run(script.startsWith("cat") ? script : `pedidos ${script}`);
  expect([code, idsTaken()]).toEqual([1, [1, 3, 5]]);
  expect(output).toMatch(/accepted +3\nrejected +2\n/);
  expect(reports()).toEqual(["stdin.rejected.errors.ndjson", "stdin.rejected.ndjson"]);
  expect(readFileSync(join(folder, "stdin.rejected.ndjson"), "utf8")).toBe(`${order(2, 0)}\nnot JSON\n`);
  expect(reports("files")).toEqual([]);
});

test("--report names another place, and makes its folder", async () => {
  write("some-bad.ndjson", SOME_BAD);
  expect(await run("pedidos send some-bad.ndjson --report out/faults")).toMatchObject({ code: 1 });
  expect([reports(), reports("out")]).toEqual([[], ["faults.rejected.errors.ndjson", "faults.rejected.ndjson"]]);
});

test("a CSV file by a pipe is read as if it came at once, however it comes", async () => {
  write("orders.csv", "orderId;customerId;product;quantity;unitPrice\n1;7;pen, blue;1;1.00\n");
  const slowly = "{ head -c 12 orders.csv; sleep 0.3; tail -c +13 orders.csv; }";
  expect(await run(`${slowly} | pedidos send - --format csv`)).toMatchObject({ code: 0 });
  expect(taken).toEqual([expect.stringContaining('"pen, blue"')]);
});

test("a pipe that breaks off, and one of another format, are reported once, with what is in", async () => {
  const packed = gzipSync(Array.from({ length: 5_000 }, (_, index) => `${order(index + 1)}\n`).join(""));
  write("cut.gz", packed.subarray(0, -400));
  const cut = await run("cat cut.gz | pedidos send -");
  expect(cut.code).toBe(66);
  const count = Number(/damaged gzip archive .* (\d+) orders before that are in\./.exec(cut.errors)?.[1]);
  expect(count).toBe(taken.length);
  expect(count).toBeGreaterThan(0);
  const csv = await run("printf 'orderId,customerId,product,quantity,unitPrice\\n1,7,pen,1,1\\n' | pedidos send -");
  expect([csv.code, csv.errors]).toEqual([66, expect.stringMatching(/--format csv.*0 orders are in/)]);
  expect(reports()).toEqual([]);
});

test.each<[string, number, unknown[], () => Generator<string>]>([
  [
    "a line of spaces.ndjson.gz",
    1,
    [1, 2],
    function* () {
      yield `${order(1)}\n`;
      for (let piece = 0; piece < 200; piece++) yield " ".repeat(1_000_000);
      yield `\n${order(2)}\n`;
    },
  ],
  [
    "an array on one line, and an element larger than any.json",
    1,
    [1, 2],
    function* () {
      yield `[${order(1)},{"a":"`;
      for (let piece = 0; piece < 150; piece++) yield "x".repeat(1_000_000);
      yield `"},${order(2)}]`;
    },
  ],
  [
    "an order of many rows, and a quote that is never closed.csv",
    1,
    [1, 3],
    function* () {
      yield 'orderId,customerId,product,quantity,unitPrice\n1,7,pen,1,1\n4,7,"open,1,1\n';
      for (let chunk = 0; chunk < 40; chunk++) yield "2,7,some product with a name,1,1.00\n".repeat(10_000);
      yield "3,7,pen,1,1\n";
    },
  ],
  [
    "orders as large as they may be.ndjson",
    0,
    Array.from({ length: 200 }, () => "long"),
    function* () {
      const items = Array.from({ length: 1_000 }, () => ({ product: "x".repeat(200), quantity: 2, unitPrice: "1.50" }));
      for (let orderId = 1; orderId <= 200; orderId++) yield `${JSON.stringify({ orderId, customerId: 7, items })}\n`;
    },
  ],
])("%s: in flat memory, the orders around it are sent", async (name, exitCode, ids, content) => {
  const packing = name.endsWith(".gz") ? [createGzip({ level: 1 })] : [];
  await pipeline([Readable.from(content()), ...packing, createWriteStream(join(folder, name))]);
  const { code, peakMiB } = await run(`pedidos send '${name}'`);
  expect([code, idsTaken().sort()]).toEqual([exitCode, ids]);
  expect(peakMiB).toBeLessThan(LIMIT_MIB);
});

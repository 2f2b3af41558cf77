import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exitCodes, Failure } from "../failure.ts";
import type { Encoding } from "../input/decode.ts";
import { type Input, openInput } from "../input/open-input.ts";
import { readOrders } from "../input/read-orders.ts";
import type { Deliver } from "./gather-chunks.ts";
import { checkFile, sendFile } from "./send-file.ts";
import { reportFiles } from "./write-report.ts";

let folder: string;
let reported: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pedidos-sending-"));
  reported = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    reported += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const order = (orderId: number, quantity = 2) =>
  JSON.stringify({ orderId, customerId: 7, items: [{ product: "pen", quantity, unitPrice: "1.50" }] });
const write = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const content = (name: string) => readFileSync(join(folder, name), "latin1");

/** Accepts all, and remembers it; the chunk that holds the order `failsAt` is not delivered. */
function target(failsAt?: number) {
  const accepted: number[] = [];
  const deliver: Deliver = async (orders) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (orders.some(({ orderId }) => orderId === failsAt)) throw new Failure(exitCodes.unavailable, "gone");
    accepted.push(...orders.map(({ orderId }) => orderId));
    return { accepted: orders.length, rejected: [] };
  };
  return { accepted, deliver };
}

const sendingOf = (input: Input, base = input.reportBase) => ({
  input,
  reading: readOrders(input, {}),
  files: reportFiles(base, input),
  showsProgress: false,
});

async function send(path: string, deliver: Deliver, options: { encoding?: Encoding; base?: string } = {}) {
  const input = await openInput(path, options);
  return await sendFile(deliver, sendingOf(input, options.base), "target");
}

/** Of 10000 lines each hundredth is rejected. */
const isBad = (id: number) => id % 100 === 0;
const manyLines = Array.from({ length: 10_000 }, (_, index) => order(index + 1, isBad(index + 1) ? 0 : 1));
const badLines = manyLines.filter((_, index) => isBad(index + 1));

test("ended anywhere and run again, each rejected line stands once in the report", async () => {
  const path = write("many.ndjson", manyLines.map((line) => `${line}\n`).join(""));
  const first = target(5_550);
  await expect(send(path, first.deliver)).rejects.toThrow("gone");
  expect(reported).toMatch(/At least \d+ orders are in/);
  // What a run has written between its last two notes of its progress.
  appendFileSync(`${path}.rejected.ndjson`, `${badLines[50]}\n{"half`);
  appendFileSync(`${path}.rejected.errors.ndjson`, '{"line":5100}\n');
  const second = target();
  expect(await send(path, second.deliver)).toMatchObject({ accepted: 9_900, rejected: 100 });
  expect(reported).toContain("Going on after line 5000");
  expect(new Set([...first.accepted, ...second.accepted]).size).toBe(9_900);
  expect(content("many.ndjson.rejected.ndjson")).toBe(badLines.map((line) => `${line}\n`).join(""));
  expect(content("many.ndjson.rejected.errors.ndjson").trimEnd().split("\n")).toHaveLength(100);
  expect(existsSync(`${path}.sending`)).toBe(false);
});

test("a report that is gone meanwhile is written again, from the beginning", async () => {
  const path = write("many.ndjson", manyLines.join("\n"));
  await expect(send(path, target(5_550).deliver)).rejects.toThrow("gone");
  rmSync(`${path}.rejected.ndjson`);
  expect(await send(path, target().deliver)).toMatchObject({ accepted: 9_900, rejected: 100 });
  expect(content("many.ndjson.rejected.ndjson").trimEnd().split("\n")).toEqual(badLines);
});

test("a dry run leaves the report and the progress of a real one as they are", async () => {
  const path = write("many.ndjson", manyLines.join("\n"));
  await expect(send(path, target(5_550).deliver)).rejects.toThrow("gone");
  const before = readdirSync(folder).map((name) => [name, content(name)]);
  const dry = await checkFile(sendingOf(await openInput(path, {}), `${path}.dry-run`));
  expect(dry).toMatchObject({ valid: 9_900, rejected: 100 });
  expect(before).toHaveLength(4);
  for (const [name = "", text] of before) expect(content(name)).toBe(text);
  expect(content("many.ndjson.dry-run.rejected.ndjson").trimEnd().split("\n")).toEqual(badLines);
});

test("a report that can't be written loses nothing: the faults are reported, the orders sent", async () => {
  const path = write("bad.ndjson", [order(1), order(2, 0), "x\u001b", order(4)].join("\n"));
  const { accepted, deliver } = target();
  const result = await send(path, deliver, { base: join(path, "report") });
  expect(result).toEqual({ accepted: 2, rejected: 2 });
  expect(accepted).toEqual([1, 4]);
  expect(reported).toMatch(
    /can't be written \(\w+\).*\n.*line 2 \(order 2\): \/items\/0\/quantity is 0.*\n.*line 3: is not JSON/,
  );
});

test("a report has what the file has: encoding, header, delimiter, line ends", async () => {
  const rows = ["orderId;customerId;quantity;unitPrice;product", "1;7;1;1;maçã", "2;7;0;1;pêra", '3;7;1;x;"a""b"'];
  const path = write("bad.csv", Buffer.from(rows.map((row) => `${row}\r\n`).join(""), "latin1"));
  await send(path, target().deliver, { encoding: "windows-1252" });
  expect(content("bad.csv.rejected.csv")).toBe(`${rows[0]}\r\n${rows[2]}\r\n${rows[3]}\r\n`);
  const marked = Buffer.from(`\ufeff${rows.join("\n")}`, "utf16le");
  await send(write("wide.csv", marked), target().deliver);
  const report = readFileSync(join(folder, "wide.csv.rejected.csv"));
  expect(report.toString("utf16le")).toBe(`\ufeff${rows[0]}\n${rows[2]}\n${rows[3]}\n`);
  // Once it is mended, it can be sent.
  const mended = write(
    "mended.csv",
    Buffer.from(report.toString("utf16le").replace("x", "1").replace(";0;", ";1;"), "utf16le"),
  );
  expect(await send(mended, target().deliver)).toMatchObject({ accepted: 2, rejected: 0 });
});

test("where a pipe can't be read on, the orders that are in are counted to the last", async () => {
  async function* breaking(): AsyncGenerator<Buffer> {
    for (const line of manyLines.slice(0, 3_500)) yield Buffer.from(`${line}\n`);
    throw new Failure(exitCodes.noInput, "It breaks off.");
  }
  const input: Input = {
    ...{ name: "a pipe", file: null, reportBase: join(folder, "stdin"), format: "ndjson", encoding: "utf-8" },
    ...{ read: breaking, size: undefined, consumed: () => 0 },
  };
  const { accepted, deliver } = target();
  const failure = sendFile(deliver, sendingOf(input), "target");
  await expect(failure).rejects.toMatchObject({
    exitCode: 66,
    message: "It breaks off. 2970 orders before that are in.",
  });
  expect(accepted).toHaveLength(2_970);
});

test("a file that can't be read to its end sends nothing, and leaves an earlier report", async () => {
  const path = write("cut.json", `[${manyLines.join(",")}`);
  write("cut.json.rejected.ndjson", "earlier\n");
  const { accepted, deliver } = target();
  await expect(send(path, deliver)).rejects.toMatchObject({
    exitCode: 66,
    message: expect.stringContaining("0 orders"),
  });
  expect([accepted, content("cut.json.rejected.ndjson")]).toEqual([[], "earlier\n"]);
});

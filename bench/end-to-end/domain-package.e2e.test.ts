import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { REPOSITORY } from "../harness/bundles.ts";
import { findChromium } from "./find-chromium.ts";

const run = promisify(execFile);
/** A browser, and a few hundred modules one by one: seconds, or many on a busy machine. */
const PATIENCE_MS = 120_000;
const pnpm = (args: string[], cwd: string) => run("npx", ["-y", "pnpm@12", ...args], { cwd });

/** What its users write: the total of the contract's example, and the faults of what is no order. */
const PROGRAM = `
  import { formatUnits, parseOrder, totalUnits } from "@pedidos/domain";
  const items = [
    { product: "lápis", quantity: 100, unitPrice: 1.1 },
    { product: "caderno", quantity: 10, unitPrice: "1.00" },
  ];
  const parsed = parseOrder({ orderId: 1001, customerId: 1, items });
  const total = parsed.kind === "order" ? formatUnits(totalUnits(parsed.order)) : "none";
  const refused = parseOrder({ orderId: "7" });
  const pointers = refused.kind === "faults" ? refused.faults.map((fault) => fault.pointer) : [];
`;
const EXPECTED = { total: "120.00", pointers: ["/orderId", "/customerId", "/items"] };

/** An empty folder, far from any workspace, with nothing in it but the packed package and what that depends on. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pedidos-domain-"));
  const tarball = join(folder, "domain.tgz");
  await pnpm(["pack", "--out", tarball], join(REPOSITORY, "packages/domain"));
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }');
  await pnpm(["add", "--prefer-offline", "--node-linker=hoisted", tarball], folder);
});
afterAll(() => rm(folder, { recursive: true }));

test("from plain JavaScript", async () => {
  await writeFile(join(folder, "program.js"), `${PROGRAM} console.log(JSON.stringify({ total, pointers }));`);
  const { stdout } = await run(process.execPath, ["program.js"], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(EXPECTED);
});

test("from TypeScript, strictly; a wrong use is an error", async () => {
  const tsc = (file: string) =>
    run(
      join(REPOSITORY, "node_modules/.bin/tsc"),
      "--noEmit --strict --skipLibCheck --module nodenext --target es2024".split(" ").concat(file),
      {
        cwd: folder,
      },
    );
  await writeFile(
    join(folder, "program.ts"),
    `${PROGRAM} export const found: { total: string; pointers: string[] } = { total, pointers };`,
  );
  expect((await tsc("program.ts")).stdout).toBe("");
  await writeFile(join(folder, "wrong.ts"), `${PROGRAM} export const wrong: number = total; parsed.order;`);
  await expect(tsc("wrong.ts")).rejects.toMatchObject({
    stdout: expect.stringMatching(/'string' is not assignable to type 'number'(?:.|\n)*'order' does not exist/),
  });
});

test("in Chromium, as it is, by an import map", async () => {
  const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };
  const imports = {
    "@pedidos/domain": "/node_modules/@pedidos/domain/dist/index.js",
    typebox: "/node_modules/typebox/build/index.mjs",
  };
  const page = `<!doctype html><meta charset="utf-8">
    <script type="importmap">${JSON.stringify({ imports })}</script>
    <script type="module">${PROGRAM} document.title = JSON.stringify({ total, pointers });</script>`;
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const type = types[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream";
    const content = path === "/" ? Promise.resolve(page) : readFile(join(folder, path));
    content.then(
      (body) => response.writeHead(200, { "content-type": type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox"],
    timeout: PATIENCE_MS,
  });
  try {
    const tab = await browser.newPage();
    tab.setDefaultTimeout(PATIENCE_MS);
    const errors: string[] = [];
    tab.on("pageerror", (error) => errors.push(String(error)));
    await tab.goto(`http://127.0.0.1:${port}/`);
    await expect
      .poll(async () => [errors, await tab.title()], { timeout: PATIENCE_MS })
      .toEqual([[], JSON.stringify(EXPECTED)]);
  } finally {
    await browser.close();
    server.close();
  }
});

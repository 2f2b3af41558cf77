import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { servePage } from "./serve-page.ts";

let folder: string;
let app: FastifyInstance;
const observed: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pedidos-page-"));
  mkdirSync(join(folder, "page"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>".padEnd(2_000));
  writeFileSync(join(folder, "page/a-1.js"), "1;".repeat(1_000));
  writeFileSync(join(folder, "page/f-1.woff2"), "font");
  app = Fastify();
  app.decorate("stopping", { getter: () => new AbortController().signal });
  servePage(app, (route) => () => void observed.push(route), folder);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

test("the page is requested again each time, and allows nothing inline and nothing from elsewhere", async () => {
  const { statusCode, headers } = await app.inject("/");
  expect([statusCode, headers["content-type"], headers["cache-control"]]).toEqual([
    200,
    "text/html; charset=utf-8",
    "no-cache",
  ]);
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
  expect(observed).toContain("/");
});

test("an unchanged file is not sent again", async () => {
  const { headers } = await app.inject("/");
  const again = await app.inject({ url: "/", headers: { "if-none-match": String(headers.etag) } });
  expect([again.statusCode, again.body]).toEqual([304, ""]);
});

test("files are kept for good, and compressed for whom takes that; a font is not", async () => {
  const plain = await app.inject("/page/a-1.js");
  expect(plain.headers["cache-control"]).toContain("immutable");
  expect([plain.headers["content-encoding"], plain.body]).toEqual([undefined, "1;".repeat(1_000)]);
  const headers = { "accept-encoding": "gzip, br" };
  const small = await app.inject({ url: "/page/a-1.js", headers });
  expect([small.headers["content-encoding"], small.rawPayload.length < 100]).toEqual(["gzip", true]);
  const font = await app.inject({ url: "/page/f-1.woff2", headers });
  expect([font.headers["content-type"], font.body]).toEqual(["font/woff2", "font"]);
});

test("nothing else is served", async () => {
  for (const path of [
    "/page/",
    "/page/b.js",
    "/page/../index.html",
    "/page/%2e%2e/index.html",
    "/page/..%2findex.html",
  ])
    expect([path, (await app.inject(path)).statusCode]).toEqual([path, 404]);
});

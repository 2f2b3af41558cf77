import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { type Nginx, startNginx } from "@pedidos/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { apiOnRealParts, orderText } from "./testing/api-on-real-parts.ts";

const trusted = getCACertificates("default");
let api: Awaited<ReturnType<typeof apiOnRealParts>>;
let nginx: Nginx;
let url: string;

/** The recipe as it stands, with the ports, names and files of this test. */
beforeAll(async () => {
  api = await apiOnRealParts(undefined, "/orders");
  nginx = await startNginx(({ httpPort, tlsPort, certificate, key }) =>
    readFileSync("infra/proxies/nginx.conf", "utf8")
      .replace("127.0.0.1:3000", new URL(api.url).host)
      .replace("listen 80;", `listen 127.0.0.1:${httpPort};`)
      .replace("listen 443 ssl;", `listen 127.0.0.1:${tlsPort} ssl;`)
      .replaceAll("orders.example.com;", "127.0.0.1;")
      .replace("/etc/ssl/orders.example.com.pem", certificate)
      .replace("/etc/ssl/private/orders.example.com.key", key),
  );
  setDefaultCACertificates([...trusted, nginx.certificate]);
  url = `https://127.0.0.1:${nginx.place.tlsPort}/orders`;
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  await nginx.remove();
  await api.close();
});

const post = (path: string, body: string, type = "application/json") =>
  fetch(url + path, { method: "POST", body, headers: { "content-type": type } });

test("an order and a batch are taken, and Location leads to the order", async () => {
  const sent = await post("/v1/orders", orderText(1));
  expect(sent.status).toBe(202);
  await api.record(orderText(1));
  const read = await fetch(new URL(sent.headers.get("location") ?? "", url));
  expect(await read.json()).toMatchObject({ orderId: 1 });
  // Over what nginx would take by default, and would keep in a file.
  const lines = Array.from({ length: 20_000 }, (_, n) => orderText(n + 10)).join("\n");
  expect(lines.length).toBeGreaterThan(1024 * 1024);
  const batch = await post("/v1/orders/batch", lines, "application/x-ndjson");
  expect(await batch.json()).toMatchObject({ accepted: 20_000, rejected: 0 });
});

test("the page and the documentation are there, with all their files, and the address without its slash leads there", async () => {
  const { servers } = JSON.parse(await (await fetch(`${url}/openapi.json`)).text());
  expect(servers).toEqual([{ url: "/orders" }]);
  for (const path of ["/docs", "/"]) {
    const page = await fetch(url + path);
    const links = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = ""]) => link);
    // The page is there if it is built.
    if (path === "/docs") expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect([link, (await fetch(new URL(link, page.url))).status]).toEqual([link, 200]);
  }
  const http = `http://127.0.0.1:${nginx.place.httpPort}/orders?a=1`;
  const moved = await fetch(http, { redirect: "manual" });
  expect(moved.status).toBe(308);
  expect(moved.headers.get("location")).toBe("https://127.0.0.1/orders?a=1");
  expect((await fetch(url, { redirect: "manual" })).headers.get("location")).toMatch(/\/orders\/$/);
});

test("events come as they happen", async () => {
  const leaving = new AbortController();
  const stream = await fetch(`${url}/v1/events`, { signal: leaving.signal });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  await api.record(orderText(2));
  while (!text.includes("order.recorded:2")) text += (await reader?.read())?.value ?? "";
  leaving.abort();
});

test("an export is passed on", async () => {
  const list = await fetch(`${url}/v1/orders`, { headers: { accept: "application/x-ndjson" } });
  const orderIds = (await list.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).orderId);
  expect(orderIds).toEqual(expect.arrayContaining([1, 2]));
});

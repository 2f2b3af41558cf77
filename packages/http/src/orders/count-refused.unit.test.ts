import { hash } from "node:crypto";
import { scopes } from "@pedidos/contract";
import { Registry } from "prom-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";
import { countRefused } from "./count-refused.ts";

const order = (orderId: number, quantity = 1) =>
  JSON.stringify({ orderId, customerId: 1, items: [{ product: "a", quantity, unitPrice: "1.00" }] });

describe("every order that is refused at a door is counted, by reason and key, and no other", () => {
  async function serve() {
    const keys = ["ana", "bia"].map((name) => ({
      name,
      digest: hash("sha256", name, "buffer"),
      scopes: new Set(scopes),
    }));
    const { url, close } = await serveForTest({ keys });
    onTestFinished(() => close());
    const post = (path: string, body: string, headers: Record<string, string> = {}) =>
      fetch(url + path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
    return {
      post,
      counted: async () => {
        const text = await (await fetch(`${url}/metrics`)).text();
        const lines = text.matchAll(/^pedidos_orders_refused_total\{reason="(\w+)",key="(\w+)"\} (\d+)$/gm);
        return [...lines].map(([, reason, key, count]) => `${key}: ${reason} ${count}`).sort();
      },
      async overview() {
        const overview: unknown = await (await fetch(`${url}/v1/overview`)).json();
        return overview;
      },
    };
  }
  const ndjson = { "content-type": "application/x-ndjson" };
  const ana = { authorization: "Bearer ana" };

  test.each<[string, string, string, Record<string, string>, string[]]>([
    ["one with a fault", "/v1/orders", order(1, 0), {}, ["anonymous: invalid_order 1"]],
    ["one of a key", "/v1/orders", order(1, 0), ana, ["ana: invalid_order 1"]],
    ["one of no known key", "/v1/orders", "{", { authorization: "Bearer eva" }, ["anonymous: invalid_json 1"]],
    ["one of the replaced system", "/pedido", "{}", {}, ["anonymous: invalid_order 1"]],
    ["another type", "/v1/orders", order(1), { "content-type": "text/plain" }, ["anonymous: unsupported_media_type 1"]],
    ["too large a one", "/v1/orders", " ".repeat(2 ** 20 + 1), {}, ["anonymous: too_large 1"]],
    [
      "lines of a batch",
      "/v1/orders/batch",
      [order(1), order(2, 0), "{", order(3, 0), "x".repeat(2 ** 20 + 1), order(4)].join("\n"),
      { ...ndjson, ...ana },
      ["ana: invalid_json 1", "ana: invalid_order 2", "ana: too_large 1"],
    ],
    ["elements of an array", "/v1/orders/batch", `[${order(1, 0)},${order(2)}]`, {}, ["anonymous: invalid_order 1"]],
    ["a batch that is none", "/v1/orders/batch", "{}", ana, ["ana: invalid_json 1"]],
    [
      "a batch of another type",
      "/v1/orders/batch",
      "",
      { "content-type": "text/csv" },
      ["anonymous: unsupported_media_type 1"],
    ],
    ["a good one is not", "/v1/orders", order(1), {}, []],
  ])("%s", async (_, path, body, headers, expected) => {
    const { post, counted } = await serve();
    await (await post(path, body, headers)).text();
    expect(await counted()).toEqual(expected);
  });

  test("the overview shows the last 15 minutes, most first", async () => {
    const { post, overview } = await serve();
    expect(await overview()).toMatchObject({ refused: { orders: 0, by: [] } });
    await post("/v1/orders", "{", { authorization: "Bearer bia" });
    await post("/v1/orders/batch", [order(1, 0), order(2, 0)].join("\n"), { ...ndjson, ...ana });
    const by = [
      { key: "ana", reason: "invalid_order", orders: 2 },
      { key: "bia", reason: "invalid_json", orders: 1 },
    ];
    expect(await overview()).toMatchObject({ refused: { orders: 3, by } });
  });
});

test("after 15 minutes they are forgotten; of many keys those with most are shown, and all are counted", () => {
  let now = 0;
  const refused = countRefused(new Registry(), () => now);
  for (let key = 1; key <= 30; key++) refused.noteReason({ actor: `key ${key}` }, "invalid_order", key);
  now += 14 * 60_000;
  refused.noteReason({ actor: null }, "too_large");
  expect(refused.read().orders).toBe(466);
  expect(refused.read().by.length).toBe(20);
  expect(refused.read().by[0]).toEqual({ key: "key 30", reason: "invalid_order", orders: 30 });
  now += 2 * 60_000;
  expect(refused.read()).toEqual({ orders: 1, by: [{ key: "anonymous", reason: "too_large", orders: 1 }] });
});

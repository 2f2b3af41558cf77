import { hash } from "node:crypto";
import { type Scope, scopes } from "@pedidos/contract";
import { afterAll, expect, test, vi } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";

const closing: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(closing.map((close) => close()))));

const order = '{"orderId":1,"customerId":1,"items":[{"product":"a","quantity":1,"unitPrice":1}]}';
const rejection = {
  rejectionId: 7,
  reason: "order_conflict",
  errors: [],
  orderId: 1,
  source: "http",
  body: Buffer.from(order),
  times: 1,
  firstSeenAt: "2026-01-01T00:00:00Z",
  lastSeenAt: "2026-01-01T00:00:00Z",
  status: "open",
} as const;

test("the audit names the key, the request and the address that close a rejection, and whether it was corrected", async () => {
  const discardRejection = vi.fn(async () => "discarded" as const);
  const replayRejection = vi.fn(async () => "replayed" as const);
  const { url, close } = await serveForTest({
    anonymous: [],
    keys: [{ name: "ana", digest: hash("sha256", "secret", "buffer"), scopes: new Set(["rejections:manage"]) }],
    store: { discardRejection, replayRejection, findRejection: async () => rejection },
  });
  closing.push(close);
  const post = async (path: string, body?: string) => {
    const headers = { authorization: "Bearer secret", "content-type": "application/json", "x-request-id": "r-1" };
    const reply = await fetch(`${url}/v1/rejections/7/${path}`, {
      method: "POST",
      headers,
      ...(body !== undefined && { body }),
    });
    return reply.status;
  };
  const by = { actor: "ana", requestId: "r-1", address: "127.0.0.1" };
  expect(await post("discard")).toBe(204);
  expect(discardRejection).toHaveBeenCalledWith(7, by);
  expect(await post("replay")).toBe(202);
  expect(replayRejection).toHaveBeenLastCalledWith(7, expect.objectContaining({ corrected: false }), by);
  expect(await post("replay", order)).toBe(202);
  expect(replayRejection).toHaveBeenLastCalledWith(7, expect.objectContaining({ corrected: true }), by);
});

test("a scope reads the audit alone; who operates the system reads it too, and nobody else", async () => {
  const keyOf = (scope: Scope) => ({
    name: scope,
    digest: hash("sha256", scope, "buffer"),
    scopes: new Set([scope]),
  });
  const { url, close } = await serveForTest({
    anonymous: [],
    keys: scopes.map(keyOf),
    store: { listAudit: async () => [], readConsuming: async () => ({ paused: false, since: null, by: null }) },
  });
  closing.push(close);
  const statusOf = async (path: string, scope: Scope) =>
    (await fetch(url + path, { headers: { authorization: `Bearer ${scope}` } })).status;
  const may = async (path: string) => {
    const statuses = await Promise.all(scopes.map((scope) => statusOf(path, scope)));
    return scopes.filter((_, index) => statuses[index] === 200);
  };
  expect(await may("/v1/audit")).toEqual(["operations:manage", "audit:read"]);
  expect(await may("/v1/consuming")).toEqual(["operations:manage"]);
});

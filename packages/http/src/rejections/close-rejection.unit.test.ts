import { hash } from "node:crypto";
import type { Scope } from "@pedidos/contract";
import { expect, onTestFinished, test, vi } from "vitest";
import { serveForTest } from "../testing/serve-for-test.ts";

const order = (orderId: number) =>
  `{"orderId":${orderId},"customerId":1,"items":[{"product":"a","quantity":1,"unitPrice":1}]}`;
const rejection = {
  rejectionId: 7,
  reason: "invalid_order",
  errors: [],
  source: "orders.intake",
  body: Buffer.from(order(1)),
  times: 1,
  firstSeenAt: "2026-01-01T00:00:00Z",
  lastSeenAt: "2026-01-01T00:00:00Z",
  status: "open",
} as const;

const keyOf = (name: string, ...granted: readonly Scope[]) => ({
  name,
  digest: hash("sha256", name, "buffer"),
  scopes: new Set(granted),
});

async function setUp(orderId: number | null, anonymous: readonly Scope[] = []) {
  const replayRejection = vi.fn(async () => "replayed" as const);
  const { url, close } = await serveForTest({
    anonymous,
    keys: [keyOf("desk", "rejections:manage"), keyOf("chief", "rejections:manage", "orders:write")],
    store: { replayRejection, findRejection: async () => ({ ...rejection, orderId }) },
  });
  onTestFinished(close);
  const replay = async (body: string | null, key?: string) => {
    const headers = {
      "content-type": "application/json",
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    };
    const { status } = await fetch(`${url}/v1/rejections/7/replay`, { method: "POST", headers, body });
    return status;
  };
  return { replay, replayRejection };
}

test("who manages rejections corrects the rejected order, and writes no other", async () => {
  const { replay, replayRejection } = await setUp(1);
  expect([await replay(order(1), "desk"), await replay(null, "desk")]).toEqual([202, 202]);
  replayRejection.mockClear();
  expect(await replay(order(2), "desk")).toBe(403);
  expect(replayRejection).not.toHaveBeenCalled();
  expect(await replay(order(2), "chief")).toBe(202);
});

test("whose rejection has no order's id, any correction writes another order", async () => {
  const { replay } = await setUp(null);
  expect([await replay(order(1), "desk"), await replay(order(1), "chief")]).toEqual([403, 202]);
});

test("without a key it depends on what needs none", async () => {
  const rejectionsAlone = await setUp(1, ["rejections:manage"]);
  expect([await rejectionsAlone.replay(order(1)), await rejectionsAlone.replay(order(2))]).toEqual([202, 401]);
  const both = await setUp(1, ["rejections:manage", "orders:write"]);
  expect(await both.replay(order(2))).toBe(202);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { apiOnRealParts, orderText } from "../testing/api-on-real-parts.ts";

let api: Awaited<ReturnType<typeof apiOnRealParts>>;
beforeAll(async () => {
  api = await apiOnRealParts();
});
afterAll(() => api.close());

const ask = async (path: string, method = "GET") => {
  const reply = await fetch(api.url + path, { method });
  return { status: reply.status, json: JSON.parse((await reply.text()) || "null") };
};

/** A conflict of today, 300 texts that are not JSON of another day, the first of them by another way, one of them closed. */
beforeAll(async () => {
  await api.record(...Array.from({ length: 300 }, (_, index) => `not JSON ${index}`));
  const change = api.db.updateTable("rejections");
  await change.set({ first_seen_at: "2026-01-02T01:30:00Z" }).execute();
  await change.set({ source: "pedidos" }).where("rejection_id", "=", 1).execute();
  await change.set({ status: "replayed" }).where("rejection_id", "=", 2).execute();
  await api.record(orderText(1), orderText(1, 2));
});

test("rejections are counted by reason, source and the reader's day, and listed by the same filter", async () => {
  const today = new Date().toISOString().slice(0, 10);
  const { json } = await ask("/v1/rejections/counts?status=open");
  expect(json).toEqual({
    rejections: 300,
    isCapped: false,
    newestId: 301,
    byReason: [
      { reason: "invalid_json", rejections: 299 },
      { reason: "order_conflict", rejections: 1 },
    ],
    bySource: [
      { source: "orders.intake", rejections: 299 },
      { source: "pedidos", rejections: 1 },
    ],
    byDay: [
      { day: today, rejections: 1 },
      { day: "2026-01-02", rejections: 299 },
    ],
  });
  const brazilian = await ask("/v1/rejections/counts?reason=invalid_json&utcOffset=-180");
  expect(brazilian.json).toMatchObject({ rejections: 300, byDay: [{ day: "2026-01-01", rejections: 300 }] });
  expect((await ask("/v1/rejections/counts?reason=poison")).json).toMatchObject({ rejections: 0, newestId: null });
  expect((await ask("/v1/rejections/counts?utcOffset=900")).status).toBe(400);
  const listed = await ask("/v1/rejections?source=pedidos&from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z");
  expect(listed.json.rejections).toMatchObject([{ rejectionId: 1, source: "pedidos" }]);
  expect((await ask("/v1/rejections?to=2026-01-02T01:30:00Z")).json.rejections).toEqual([]);
});

test("those of a filter are discarded by and by, up to what was counted, each with its entry in the audit", async () => {
  expect((await ask("/v1/rejections/discard?reason=invalid_json", "POST")).status).toBe(400);
  const { json: counted } = await ask("/v1/rejections/counts?status=open&reason=invalid_json");
  await api.record("came later");
  const discard = () => ask(`/v1/rejections/discard?reason=invalid_json&upTo=${counted.newestId}`, "POST");
  expect(await discard()).toEqual({ status: 200, json: { discarded: 200, hasMore: true } });
  expect((await discard()).json).toEqual({ discarded: 99, hasMore: false });
  expect((await discard()).json).toEqual({ discarded: 0, hasMore: false });
  expect((await ask("/v1/rejections/counts?status=open")).json).toMatchObject({
    rejections: 2,
    byReason: expect.arrayContaining([{ reason: "invalid_json", rejections: 1 }]),
  });
  expect((await ask("/v1/rejections/2")).json.status).toBe("replayed");
  const { json: audit } = await ask("/v1/audit?limit=200");
  expect(audit.entries.every(({ action }: { action: string }) => action === "rejection.discarded")).toBe(true);
  expect(audit.nextCursor).not.toBeNull();
});

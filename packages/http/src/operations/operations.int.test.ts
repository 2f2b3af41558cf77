import { setTimeout as pause } from "node:timers/promises";
import { recordOrders } from "@pedidos/persistence";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { apiOnRealParts, orderText } from "../testing/api-on-real-parts.ts";

let api: Awaited<ReturnType<typeof apiOnRealParts>>;
beforeAll(async () => {
  api = await apiOnRealParts();
});
afterAll(() => api.close());

const ask = async (path: string, init: RequestInit = {}) => {
  const reply = await fetch(api.url + path, init);
  const text = await reply.text();
  return { status: reply.status, text, json: () => JSON.parse(text) };
};
const audit = async () => (await ask("/v1/audit")).json().entries;

describe("pausing", () => {
  const put = (body: string, type = "application/json") =>
    ask("/v1/consuming", { method: "PUT", body, headers: { "content-type": type } });

  test("the route and readiness report it, and it is written down once", async () => {
    expect((await ask("/v1/consuming")).json()).toEqual({ paused: false, since: null, by: null });
    expect((await ask("/health/ready")).json()).toEqual({ status: "ready", dependencies: { database: "up" } });
    const paused = (await put('{"paused":true}')).json();
    expect(paused).toEqual({ paused: true, since: expect.stringMatching(/^\d{4}-.*Z$/), by: null });
    expect((await put('{"paused":true}')).json()).toEqual(paused);
    await vi.waitFor(
      async () =>
        expect((await ask("/health/ready")).json()).toEqual({
          status: "ready",
          dependencies: { database: "up" },
          consuming: "paused",
        }),
      { timeout: 10_000 },
    );
    expect(await audit()).toMatchObject([{ action: "consuming.paused", detail: {} }]);
    expect((await put('{"paused":false}')).json()).toMatchObject({ paused: false });
    expect(await audit()).toMatchObject([{ action: "consuming.resumed" }, { action: "consuming.paused" }]);
  });

  test.each([
    ['{"paused":1}', 400],
    ['{"paused":true,"by":"me"}', 400],
    ["null", 400],
    ["{", 400],
    [`{"paused":true${" ".repeat(2_000)}}`, 413],
  ])("%s is refused", async (body, status) => {
    expect((await put(body)).status).toBe(status);
    expect((await ask("/v1/consuming")).json()).toMatchObject({ paused: false });
  });

  test("another type is refused", async () => {
    expect((await put('{"paused":true}', "text/plain")).status).toBe(415);
  });
});

describe("recounting", () => {
  const recount = async (query = "") => {
    const { status, text } = await ask(`/v1/customers/recount${query}`, { method: "POST" });
    expect(status).toBe(200);
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    return { found: lines.slice(0, -1).filter((line) => line.progress === undefined), counts: lines.at(-1) };
  };
  const damage = (customerId: number, count: number, total: string) =>
    api.db
      .updateTable("customers")
      .set((e) => ({ order_count: e("order_count", "+", count), total_value: e("total_value", "+", total) }))
      .where("customer_id", "=", customerId)
      .execute();

  test("nothing is nothing", async () => {
    expect(await recount()).toEqual({ found: [], counts: { customers: 0, orders: 0, different: 0, repaired: 0 } });
    expect((await ask("/v1/customers/recount?repair=maybe", { method: "POST" })).status).toBe(400);
  });

  test("differences are reported exactly, repaired if requested, and written down", async () => {
    // More of one customer than a slice holds, in the middle of others.
    for (let start = 0; start < 2_600; start += 500)
      await api.record(
        ...Array.from({ length: 500 }, (_, i) =>
          orderText(start + i + 1, (start + i) % 5 === 0 ? (start + i) / 5 + 1 : 300),
        ),
      );
    const clean = await recount();
    expect(clean).toEqual({ found: [], counts: { customers: 600, orders: 3_000, different: 0, repaired: 0 } });
    await damage(3, 2, "-0.0001");
    await damage(300, -1, "7");
    await api.db.deleteFrom("customers").where("customer_id", "=", 600).execute();
    const [first_order_at, last_order_at] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"];
    await api.db
      .insertInto("customers")
      .values({ customer_id: 9_000, order_count: 4, total_value: "5.5", first_order_at, last_order_at })
      .execute();
    const told = await recount();
    expect(told.counts).toEqual({ customers: 601, orders: 3_000, different: 4, repaired: 0 });
    expect(told.found).toEqual([
      {
        customerId: 3,
        recorded: { orderCount: 3, totalValue: "0.9999" },
        counted: { orderCount: 1, totalValue: "1.00" },
        repaired: false,
      },
      {
        customerId: 300,
        recorded: { orderCount: 2_400, totalValue: "2408.00" },
        counted: { orderCount: 2_401, totalValue: "2401.00" },
        repaired: false,
      },
      { customerId: 600, recorded: null, counted: { orderCount: 1, totalValue: "1.00" }, repaired: false },
      {
        customerId: 9_000,
        recorded: { orderCount: 4, totalValue: "5.50" },
        counted: { orderCount: 0, totalValue: "0.00" },
        repaired: false,
      },
    ]);
    const repaired = await recount("?repair=true");
    expect(repaired.found).toEqual(told.found.map((one) => ({ ...one, repaired: true })));
    expect(repaired.counts).toMatchObject({ different: 4, repaired: 4 });
    expect(await recount()).toMatchObject({ found: [], counts: { different: 0 } });
    expect((await ask("/v1/customers/600")).json()).toMatchObject({ orderCount: 1, totalValue: "1.00" });
    const [last] = await audit();
    expect(last).toMatchObject({
      action: "customer.repaired",
      detail: { customerId: 9_000, before: { orderCount: 4 }, after: { orderCount: 0, totalValue: "0.00" } },
    });
  });

  test("while orders come in, nothing but the damage is found, and all is exact after it", async () => {
    let [writing, next] = [true, 100_000];
    const writer = async () => {
      while (writing) {
        await pause(20);
        const ids = Array.from({ length: 20 }, () => next++);
        await recordOrders(
          api.db,
          ids.map((orderId) => {
            const body = Buffer.from(orderText(orderId, (orderId % 7) + 20_000, (orderId % 3) + 1));
            const item = { product: "a", quantity: (orderId % 3) + 1, priceUnits: 10_000 };
            const order = { orderId, customerId: (orderId % 7) + 20_000, placedAt: null, items: [item] };
            return { kind: "order" as const, source: "http" as const, body, order };
          }),
        );
      }
    };
    const writers = [writer(), writer(), writer()];
    let damaged = 0;
    try {
      await vi.waitFor(() => expect(next).toBeGreaterThan(101_000), { timeout: 30_000 });
      for (let round = 0; round < 12; round++) {
        const customerId = 20_000 + (round % 7);
        await damage(customerId, 3, "-2.5");
        damaged++;
        const { found } = await recount("?repair=true");
        expect(found.map((one) => one.customerId)).toEqual([customerId]);
        expect(found[0].recorded.orderCount - found[0].counted.orderCount).toBe(3);
      }
    } finally {
      writing = false;
      await Promise.all(writers);
    }
    expect(damaged).toBe(12);
    expect(await recount()).toMatchObject({ found: [], counts: { different: 0 } });
  }, 120_000);
});

test("a rejection is read by its id", async () => {
  await api.record('{"orderId":4,"customerId":true}');
  const { rejections } = (await ask("/v1/rejections")).json();
  const [first] = rejections;
  expect((await ask(`/v1/rejections/${first.rejectionId}`)).json()).toEqual(first);
  expect((await ask(`/v1/rejections/${first.rejectionId + 1}`)).status).toBe(404);
  expect((await ask("/v1/rejections/x")).status).toBe(400);
});

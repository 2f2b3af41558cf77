import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, orderText, startTestSystem, type TestSystem, until } from "./start-test-system.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
  return system.stop;
});

let lastId = 1_000;
const FIFTY = Array.from({ length: 50 }, (_, i) => i + 1);
const ndjson = { "content-type": "application/x-ndjson" };

/** What is recorded under an id, how many rejections it has, and what its customers count together. */
async function outcome(orderId: number, customers: number[]) {
  const recorded = await system.get(`/v1/orders/${orderId}`);
  const rejections = await system.sql("select times::int from rejections where order_id = $1", [orderId]);
  const counts = await Promise.all(
    customers.map(async (id) => (await system.get(`/v1/customers/${id}`)).body.orderCount),
  );
  return {
    status: recorded.status,
    rejections: rejections.length,
    counted: counts.reduce<number>((sum, count) => sum + Number(count), 0),
  };
}

const doors: Record<string, (texts: string[]) => Promise<Answer[]>> = {
  "50 clients at once": (texts) => Promise.all(texts.map((text) => system.post("/v1/orders", text))),
  "one batch": async (texts) => [await system.post("/v1/orders/batch", texts.join("\n"), ndjson)],
  async "one message"(texts) {
    const channel = await system.channel();
    channel.publish("orders", "order.submitted", Buffer.from(texts.join("\n")), {
      contentType: "application/x-ndjson",
    });
    await channel.waitForConfirms();
    return [];
  },
};

describe.each(Object.entries(doors))("one id 50 times by %s", (_, send) => {
  test("with equal content: one order, counted once", async () => {
    const orderId = ++lastId;
    const customerId = orderId;
    const answers = await send(FIFTY.map(() => orderText(orderId, { customerId })));
    for (const answer of answers) expect([200, 202]).toContain(answer.status);
    await until(async () =>
      expect(await outcome(orderId, [customerId])).toEqual({ status: 200, rejections: 0, counted: 1 }),
    );
    await drained();
    expect(await outcome(orderId, [customerId])).toEqual({ status: 200, rejections: 0, counted: 1 });
  });

  test("with different content: exactly one is recorded, 49 are rejected", async () => {
    const orderId = ++lastId;
    const customers = FIFTY.map((n) => orderId * 100 + (n % 5));
    await send(FIFTY.map((n, i) => orderText(orderId, { customerId: customers[i] ?? 1, quantity: n })));
    await until(async () =>
      expect(await outcome(orderId, [...new Set(customers)])).toEqual({ status: 200, rejections: 49, counted: 1 }),
    );
  });
});

async function drained(): Promise<void> {
  const channel = await system.channel();
  await until(async () => expect((await channel.checkQueue("orders.intake")).messageCount).toBe(0));
  await new Promise((resolve) => setTimeout(resolve, 300));
}

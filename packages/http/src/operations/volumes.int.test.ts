import { afterAll, beforeAll, expect, test } from "vitest";
import { apiOnRealParts, orderText } from "../testing/api-on-real-parts.ts";

let api: Awaited<ReturnType<typeof apiOnRealParts>>;
beforeAll(async () => {
  api = await apiOnRealParts();
});
afterAll(() => api.close());

test("what is recorded and rejected is summed, exactly, by the minute", async () => {
  await api.record(orderText(71, 70, 3), orderText(72, 70, 4), "no order");
  const { bucketSeconds, buckets } = JSON.parse(await (await fetch(`${api.url}/v1/volumes`)).text());
  const counted = buckets.map(({ counts }: { counts: object }) => counts);
  expect([bucketSeconds, buckets.length]).toEqual([60, 60]);
  expect(counted).toContainEqual({ recorded: 2, totalValue: "7.00", rejected: 1 });
  expect((await fetch(`${api.url}/v1/volumes?range=year`)).status).toBe(400);
});

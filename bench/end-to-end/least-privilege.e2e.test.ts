import { beforeAll, expect, test } from "vitest";
import { orderText, startTestSystem, type TestSystem } from "./start-test-system.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
  return system.stop;
});

test("API and consumer record an order, each as its own role and its own user of the broker", async () => {
  const answer = await system.post("/v1/orders", orderText(1), { prefer: "wait=20" });
  expect(answer.status).toBe(201);
  const sessions = await system.sql(
    "select distinct usename from pg_stat_activity where datname = current_database() and usename like 'pedidos%' order by 1",
  );
  expect(sessions.map(({ usename }) => usename)).toEqual(["pedidos_api", "pedidos_consumer"]);
});

test.each(["pedidos_api", "pedidos_consumer"])("%s may not take away what is recorded", async (role) => {
  await expect(system.sql(`set role ${role}; delete from orders`)).rejects.toMatchObject({ code: "42501" });
  expect(await system.sql("select from orders")).toHaveLength(1);
});

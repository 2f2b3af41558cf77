import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { countAccepted } from "./count-accepted.ts";
import { measureRoads } from "./measure-roads.ts";

const bodies = (count: number) => Array.from({ length: count }, () => Buffer.from("{}"));

test("what each road has made durable is counted, what it has not is not", async () => {
  const registry = new Registry();
  const outcomes = ["confirmed", "unavailable"] as const;
  let [published, isAway] = [0, false];
  const orders = countAccepted();
  const roads = measureRoads(
    registry,
    {
      publish: async () => outcomes[published++] ?? "unroutable",
      spool: async () => {
        if (isAway) throw new Error("away");
      },
    },
    orders,
  );
  expect(await roads.publish?.(bodies(3))).toBe("confirmed");
  expect(await roads.publish?.(bodies(40))).toBe("unavailable");
  await roads.spool(bodies(2));
  isAway = true;
  await expect(roads.spool(bodies(9))).rejects.toThrow("away");
  const lines = (await registry.metrics()).split("\n");
  expect(lines).toContain('pedidos_orders_accepted_total{road="broker"} 3');
  expect(lines).toContain('pedidos_orders_accepted_total{road="spool"} 2');
  expect(lines).toContain("pedidos_message_orders_count 2");
  expect(orders.total()).toBe(5);
});

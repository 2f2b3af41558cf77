import type { IncomingOrder } from "@pedidos/domain";
import type { Tracing } from "@pedidos/tracing";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { countAccepted } from "./count-accepted.ts";
import { observeRoads } from "./observe-roads.ts";

const some = (count: number): IncomingOrder[] =>
  Array.from({ length: count }, () => ({ body: Buffer.from("{}"), source: "http" }));

test("what each road has made durable is counted, what it has not is not", async () => {
  const metrics = new Registry();
  const outcomes = ["confirmed", "unavailable"] as const;
  let [published, isAway] = [0, false];
  const accepted = countAccepted();
  const roads = observeRoads(
    {
      publish: async () => outcomes[published++] ?? "unroutable",
      spool: async () => {
        if (isAway) throw new Error("away");
      },
    },
    { metrics, accepted },
  );
  expect(await roads.publish?.(some(3))).toBe("confirmed");
  expect(await roads.publish?.(some(40))).toBe("unavailable");
  await roads.spool(some(2));
  isAway = true;
  await expect(roads.spool(some(9))).rejects.toThrow("away");
  const lines = (await metrics.metrics()).split("\n");
  expect(lines).toContain('pedidos_orders_accepted_total{road="broker"} 3');
  expect(lines).toContain('pedidos_orders_accepted_total{road="spool"} 2');
  expect(lines).toContain("pedidos_message_orders_count 2");
  expect(accepted.total()).toBe(5);
});

/** Ended spans read `parent>name`, and with an error `parent>name!`. */
function traced(isSampled = true) {
  const ended: string[] = [];
  const tracing: Tracing = {
    start(name, { parent }) {
      const path = `${parent}>${name}`;
      const end = (outcome?: { readonly error?: unknown }) => void ended.push(outcome?.error ? `${path}!` : path);
      return { traceId: "trace", traceparent: isSampled ? path : undefined, end };
    },
    close: async () => {},
  };
  return { ended, observer: { metrics: new Registry(), accepted: countAccepted(), tracing } };
}
const order = (traceparent?: string): IncomingOrder => ({ body: new Uint8Array(1), source: "http", traceparent });

test("each order carries the context of its own request, also gathered with others", async () => {
  const { observer, ended } = traced();
  let carried: unknown;
  const { publish } = observeRoads(
    {
      async publish(orders) {
        carried = orders.map(({ traceparent }) => traceparent);
        return "confirmed";
      },
      spool: async () => {},
    },
    observer,
  );
  const [first, second] = ["POST /1", "POST /2"];
  expect(await publish?.([order(second), order(first), order(), order(second)])).toBe("confirmed");
  const span = "publish orders.intake";
  expect(carried).toEqual([`${second}>${span}`, `${first}>${span}`, undefined, `${second}>${span}`]);
  // One span a request, not one an order.
  expect(ended).toEqual([`${second}>${span}`, `${first}>${span}`]);
});

test("a road that fails fails its span, and still rejects", async () => {
  const { observer, ended } = traced();
  const spool = () => Promise.reject(new Error("away"));
  const roads = observeRoads({ publish: async () => "unavailable", spool }, observer);
  expect(await roads.publish?.([order("POST /1")])).toBe("unavailable");
  await expect(roads.spool([order("POST /1")])).rejects.toThrow("away");
  expect(ended).toEqual(["POST /1>publish orders.intake!", "POST /1>spool!"]);
});

test("of a trace that is not sampled nothing travels", async () => {
  const { observer } = traced();
  let taken: unknown;
  const spool = async (orders: unknown) => {
    taken = orders;
  };
  const untraced = [order()];
  await observeRoads({ spool }, observer).spool(untraced);
  expect(taken).toBe(untraced);
});

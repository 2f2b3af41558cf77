import { Counter, Histogram, type Registry } from "prom-client";
import type { AcceptedOrders } from "./count-accepted.ts";
import type { IntakeRoads } from "./open-intake.ts";

type Roads = Pick<IntakeRoads, "publish" | "spool">;

/** → the same roads, which count the orders that each has made durable; once a message or commit, not once an order. */
export function measureRoads(
  registry: Registry,
  { publish, spool }: Roads,
  orders: Pick<AcceptedOrders, "note">,
): Roads {
  const registers = [registry];
  const accepted = new Counter({
    name: "pedidos_orders_accepted_total",
    help: "Orders that were made durable, by the road they took.",
    labelNames: ["road"],
    registers,
  });
  const sizes = new Histogram({
    name: "pedidos_message_orders",
    help: "Orders in a message that was published.",
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  for (const road of publish === undefined ? ["spool"] : ["broker", "spool"]) accepted.inc({ road }, 0);
  return {
    async spool(bodies) {
      const begun = Date.now();
      await spool(bodies);
      orders.note(bodies, begun);
      accepted.inc({ road: "spool" }, bodies.length);
    },
    ...(publish && {
      async publish(bodies: readonly Uint8Array[]) {
        const begun = Date.now();
        const outcome = await publish(bodies);
        sizes.observe(bodies.length);
        if (outcome !== "confirmed") return outcome;
        orders.note(bodies, begun);
        accepted.inc({ road: "broker" }, bodies.length);
        return outcome;
      },
    }),
  };
}

import { INTAKE_QUEUE, type IncomingOrder } from "@pedidos/domain";
import type { Span, Tracing } from "@pedidos/tracing";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { AcceptedOrders } from "./count-accepted.ts";
import type { IntakeRoads } from "./open-intake.ts";

export type RoadObserver = {
  readonly metrics: Registry;
  readonly accepted: Pick<AcceptedOrders, "note">;
  /** Undefined if traces are off. */
  readonly tracing?: Tracing | undefined;
  /** How many messages the broker has not confirmed yet. */
  readonly unconfirmed?: () => number;
};

/** → the same roads, which count the orders that each has made durable and trace them: once a message or commit. */
export function observeRoads({ publish, spool }: IntakeRoads, observer: RoadObserver): IntakeRoads {
  const { accepted, tracing } = observer;
  const { count, sizes } = openRoadMetrics(observer, publish !== undefined);

  function observe<Outcome>(road: keyof typeof SPANS, take: Take<Outcome>): Take<Outcome> {
    return async (orders) => {
      const begun = Date.now();
      const outcome = await (tracing === undefined ? take(orders) : traceRoad(tracing, SPANS[road], orders, take));
      if (road === "broker") sizes.observe(orders.length);
      if (!isDurable(outcome)) return outcome;
      accepted.note(orders, begun);
      count.inc({ road }, orders.length);
      return outcome;
    };
  }

  return { spool: observe("spool", spool), ...(publish && { publish: observe("broker", publish) }) };
}

type Take<Outcome> = (orders: readonly IncomingOrder[]) => Promise<Outcome>;
const SPANS = { broker: `publish ${INTAKE_QUEUE}`, spool: "spool" };

/** A commit in the spool has no outcome but an error. */
function isDurable(outcome: unknown): boolean {
  return outcome === undefined || outcome === "confirmed";
}

/** Takes a road with a span in each trace whose orders take it; the orders then travel under that span. */
async function traceRoad<Outcome>(
  tracing: Tracing,
  name: string,
  orders: readonly IncomingOrder[],
  take: Take<Outcome>,
): Promise<Outcome> {
  const spans = new Map<string, Span>();
  for (const { traceparent: parent } of orders)
    if (parent !== undefined && !spans.has(parent))
      spans.set(parent, tracing.start(name, { kind: "producer", parent }));
  if (spans.size === 0) return await take(orders);
  const end = (outcome: Parameters<Span["end"]>[0]) => {
    for (const span of spans.values()) span.end(outcome);
  };
  try {
    const outcome = await take(
      orders.map((order) => ({ ...order, traceparent: spans.get(order.traceparent ?? "")?.traceparent })),
    );
    end(isDurable(outcome) ? {} : { error: String(outcome) });
    return outcome;
  } catch (error) {
    end({ error });
    throw error;
  }
}

function openRoadMetrics({ metrics, unconfirmed }: RoadObserver, hasBroker: boolean) {
  const registers = [metrics];
  const count = new Counter({
    name: "pedidos_orders_accepted_total",
    help: "Orders that were made durable, by the road they took.",
    labelNames: ["road"],
    registers,
  });
  for (const road of hasBroker ? ["broker", "spool"] : ["spool"]) count.inc({ road }, 0);
  const sizes = new Histogram({
    name: "pedidos_message_orders",
    help: "Orders in a message that was published.",
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  if (unconfirmed !== undefined)
    new Gauge({
      name: "pedidos_publish_unconfirmed_messages",
      help: "Messages that the broker has not confirmed yet; beyond 256 orders take the other road.",
      registers,
      collect() {
        this.set(unconfirmed());
      },
    });
  return { count, sizes };
}

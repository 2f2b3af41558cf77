import { type Overview, type RefusalReason, refusalReasons } from "@pedidos/contract";
import { Counter, type Registry } from "prom-client";
import type { Refusal } from "../server/answer.ts";

type Count = Overview["refused"]["by"][number];
/** The request that an order came in by: the name of its key, null without one. */
type Sender = { readonly actor: string | null };

export type RefusedOrders = ReturnType<typeof countRefused>;

const MINUTE_MS = 60_000;
const SHOWN_MINUTES = 15;
const MOST_SHOWN = 20;

/**
 * Counts what is answered to its sender only, and becomes no row: orders that are refused where they come in, and bodies of
 * many that are refused as a whole, each as one. Keys are those of the file of keys, so there are few labels.
 */
export function countRefused(registry: Registry, now = Date.now) {
  const counter = new Counter({
    name: "pedidos_orders_refused_total",
    help: "Orders that were refused where they came in, which only their sender knows; a body of many that was refused as a whole is one.",
    labelNames: ["reason", "key"],
    registers: [registry],
  });
  /** By minute, then by reason and key. */
  const minutes = new Map<number, Map<string, Count>>();

  function noteReason({ actor }: Sender, reason: RefusalReason, orders = 1): void {
    const key = actor ?? "anonymous";
    counter.inc({ reason, key }, orders);
    const minute = Math.floor(now() / MINUTE_MS);
    const counts = minutes.get(minute) ?? new Map<string, Count>();
    minutes.set(minute, counts);
    add(counts, { key, reason, orders });
    forget(minute);
  }

  function forget(minute: number): void {
    for (const one of minutes.keys()) if (one <= minute - SHOWN_MINUTES) minutes.delete(one);
  }

  return {
    noteReason,
    /** → the refusal itself; it is counted if it is for what was sent. */
    note(sender: Sender, refused: Refusal): Refusal {
      const reason = refusalReasons.find((one) => one === refused.kind);
      if (reason !== undefined) noteReason(sender, reason);
      return refused;
    },
    /** → those of the last 15 minutes, this one included. */
    read(): Overview["refused"] {
      forget(Math.floor(now() / MINUTE_MS));
      const counts = new Map<string, Count>();
      for (const one of minutes.values()) for (const count of one.values()) add(counts, count);
      const by = [...counts.values()].sort((a, b) => b.orders - a.orders);
      return { orders: by.reduce((sum, { orders }) => sum + orders, 0), by: by.slice(0, MOST_SHOWN) };
    },
  };
}

function add(counts: Map<string, Count>, { key, reason, orders }: Count): void {
  const name = `${reason} ${key}`;
  counts.set(name, { key, reason, orders: orders + (counts.get(name)?.orders ?? 0) });
}

import type { IntakeBroker } from "@pedidos/broker";
import { countAccepted, guardSpool, type IntakeRoads, observeRoads } from "@pedidos/intake";
import { type Db, LostConnection, spoolOrders } from "@pedidos/persistence";
import type { Tracing } from "@pedidos/tracing";
import type { Registry } from "prom-client";

export type RoadsOptions = {
  readonly broker: Pick<IntakeBroker, "publish" | "unconfirmed"> | undefined;
  readonly writes: Db;
  /** Another way into the spool than by these connections. */
  readonly spool: IntakeRoads["spool"] | undefined;
  readonly isSpoolReady: () => Promise<boolean>;
  readonly observer: { readonly metrics: Registry; readonly tracing: Tracing | undefined };
};

/** → the roads by which orders become durable, observed, and what they have accepted. */
export function openRoads({ broker, writes, spool, isSpoolReady, observer }: RoadsOptions) {
  const accepted = countAccepted();
  const guarded = guardSpool(spool ?? ((orders) => spoolOrders(writes, orders)), {
    isLost: (error) => error instanceof LostConnection,
    isReady: isSpoolReady,
  });
  const roads = observeRoads(
    { spool: guarded, ...(broker && { publish: broker.publish }) },
    { ...observer, accepted, ...(broker && { unconfirmed: broker.unconfirmed }) },
  );
  return { roads, accepted };
}

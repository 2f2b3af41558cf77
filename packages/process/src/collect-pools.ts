import { Gauge, type Registry } from "prom-client";

export type PoolUse = { readonly used: number; readonly idle: number; readonly waiting: number };

/** Tells how the connections of each pool are used, by OpenTelemetry's names. */
export function collectPools(registry: Registry, pools: Readonly<Record<string, () => PoolUse>>): void {
  const registers = [registry];
  const [POOL, STATE] = ["db_client_connection_pool_name", "db_client_connection_state"] as const;
  new Gauge({
    name: "db_client_connection_count",
    help: "Connections to the database, by pool and state.",
    labelNames: [POOL, STATE],
    registers,
    collect() {
      for (const [name, use] of Object.entries(pools))
        for (const state of ["used", "idle"] as const) this.set({ [POOL]: name, [STATE]: state }, use()[state]);
    },
  });
  new Gauge({
    name: "db_client_connection_pending_requests",
    help: "Calls that wait for a connection, by pool.",
    labelNames: [POOL],
    registers,
    collect() {
      for (const [name, use] of Object.entries(pools)) this.set({ [POOL]: name }, use().waiting);
    },
  });
}

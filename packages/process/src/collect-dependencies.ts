import { Gauge, type Registry } from "prom-client";
import { shareReading } from "./share-reading.ts";

type States = Readonly<Record<string, "up" | "down">>;

/** Tells which of the servers that this process stands on it can use, as its readiness does. */
export function collectDependencies(registry: Registry, read: () => States | Promise<States>): void {
  const states = shareReading(async () => read(), { maxAgeMs: 1_000, timeoutMs: 3_000 });
  new Gauge({
    name: "pedidos_dependency_up",
    help: "Whether this process can use it: 1 or 0.",
    labelNames: ["dependency"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const [dependency, state] of Object.entries((await states()) ?? {}))
        this.set({ dependency }, state === "up" ? 1 : 0);
    },
  });
}

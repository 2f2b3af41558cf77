import { Gauge, type Registry } from "prom-client";

/** Tells how much of the window of unconfirmed messages is in use. */
export function collectWindow(registry: Registry, unconfirmed: () => number): void {
  new Gauge({
    name: "pedidos_publish_unconfirmed_messages",
    help: "Messages that the broker has not confirmed yet; beyond 256 orders take the other road.",
    registers: [registry],
    collect() {
      this.set(unconfirmed());
    },
  });
}

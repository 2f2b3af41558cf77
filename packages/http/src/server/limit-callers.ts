import type { FastifyInstance, FastifyReply } from "fastify";
import { Counter, Gauge, type Registry } from "prom-client";
import { callerOf } from "./identify-caller.ts";
import { LIMITS, type LimitName } from "./limits.ts";
import { type Lease, openQuota } from "./open-quota.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** → a lease for a caller of what a limit counts. */
    readonly leaseOf: (limit: LimitName, caller: string) => Lease;
  }
}

/** Opens the quotas of a process, which its routes lease from, and reports how full they are. */
export function limitCallers(app: FastifyInstance, registry: Registry): void {
  const quotas = new Map(Object.entries(LIMITS).map(([name, limit]) => [name, { ...limit, ...openQuota(limit) }]));
  new Gauge({
    name: "pedidos_limit_used_ratio",
    help: "How much is in use of what all callers may have together, of 1.",
    labelNames: ["limit"],
    registers: [registry],
    collect() {
      for (const [limit, { total, inAll }] of quotas) this.set({ limit }, total() / inAll);
    },
  });
  const refusals = new Counter({
    name: "pedidos_limit_refusals_total",
    help: "How often a caller, or all of them together, had as much as they may.",
    labelNames: ["limit"],
    registers: [registry],
  });
  app.decorate("leaseOf", (limit: LimitName, caller: string): Lease => {
    const quota = quotas.get(limit);
    if (quota === undefined) throw new Error(`there is no limit ${limit}`);
    const { resize, release } = quota.lease(caller);
    return {
      release,
      resize(amount) {
        const isHad = resize(amount);
        if (!isHad) refusals.inc({ limit });
        return isHad;
      },
    };
  });
}

/** → a lease that ends once the answer is sent, or its client is gone. */
export function leaseUntilAnswered({ request, raw, server }: FastifyReply, limit: LimitName): Lease {
  const lease = server.leaseOf(limit, callerOf(request));
  raw.once("finish", lease.release).once("close", lease.release);
  if (raw.destroyed) lease.release();
  return lease;
}

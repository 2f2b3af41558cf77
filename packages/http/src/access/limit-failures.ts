import type { Log } from "@pedidos/process";
import type { FastifyRequest } from "fastify";
import { Counter, type Registry } from "prom-client";
import type { Refusal } from "../server/answer.ts";
import { addressOf } from "./address-of.ts";
import { networkOf } from "./network-of.ts";

/** Why a key that was sent does not count. `name`: whose it was. */
export type BadKey = { readonly reason: (typeof reasons)[number]; readonly name?: string };

const reasons = ["unknown", "expired", "malformed"] as const;

/** Failed attempts a minute from one network: of requests with a key, and of signing in. */
const LIMITS = { request: 100, "sign-in": 20 } as const;
export type Attempt = keyof typeof LIMITS;

const WINDOW_MS = 60_000;
/** Beyond this many networks, the one whose first failure is the oldest is forgotten. */
const MAX_NETWORKS = 10_000;

export type Asking = Pick<FastifyRequest, "id" | "ip" | "socket">;

type Dependencies = {
  readonly log: Pick<Log, "warn">;
  readonly metrics: Registry;
  readonly now: () => number;
};

/** Counts, logs and limits the attempts with keys that do not count. A key that counts is never refused for another's failures. */
export function limitFailures({ log, metrics, now }: Dependencies) {
  const failures = new Counter({
    name: "pedidos_authentication_failures_total",
    help: "Attempts with a key that does not count.",
    labelNames: ["reason"],
    registers: [metrics],
  });
  for (const reason of reasons) failures.inc({ reason }, 0);
  const windows = new Map<string, { failed: number; readonly endsAt: number }>();

  function windowOf(kind: Attempt, address: string | null) {
    const name = `${kind} ${networkOf(address ?? "")}`;
    const known = windows.get(name);
    if (known !== undefined && known.endsAt > now()) return known;
    windows.delete(name);
    const [oldest] = windows.size < MAX_NETWORKS ? [] : windows.keys();
    if (oldest !== undefined) windows.delete(oldest);
    const window = { failed: 0, endsAt: now() + WINDOW_MS };
    windows.set(name, window);
    return window;
  }

  function tooMany(kind: Attempt, endsAt: number): Refusal {
    const seconds = Math.max(1, Math.ceil((endsAt - now()) / 1_000));
    return {
      kind: "too_many_requests",
      detail: `More than ${LIMITS[kind]} attempts a minute from this address had a key that does not count; retry in ${seconds} s.`,
      headers: { "retry-after": `${seconds}` },
    };
  }

  return {
    /** Counts a failure. → the refusal if there were too many. */
    fail(kind: Attempt, request: Asking, { reason, name }: BadKey): Refusal | null {
      failures.inc({ reason });
      const address = addressOf(request);
      const window = windowOf(kind, address);
      window.failed++;
      const over = window.failed - LIMITS[kind];
      const line = { id: request.id, address, reason, ...(name !== undefined && { key: name }) };
      if (over <= 0) log.warn(line, "a key was refused");
      // A sender of many must not fill the disk.
      if (over === 1)
        log.warn(line, "too many keys were refused from this address; those of the next minute are not logged");
      return over > 0 ? tooMany(kind, window.endsAt) : null;
    },
    /** → the refusal of any further attempt of this kind, if there were too many. */
    refuse(kind: Attempt, request: Asking): Refusal | null {
      const { failed, endsAt } = windowOf(kind, addressOf(request));
      return failed >= LIMITS[kind] ? tooMany(kind, endsAt) : null;
    },
  };
}

import type { Horizon } from "@pedidos/persistence";
import { StoreUnavailable } from "../open-store.ts";

/** A {@link Horizon} that is known. */
export type KnownHorizon = (patienceMs?: number) => Promise<string>;

/** @throws {@link StoreUnavailable} while no time is known: what was recording when this process began to look has not ended */
export function requireHorizon(horizon: Horizon): KnownHorizon {
  return async (patienceMs) => {
    const before = await horizon(patienceMs);
    if (before === null) throw new StoreUnavailable(new Error("a transaction that records does not end"));
    return before;
  };
}

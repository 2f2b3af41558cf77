import { type Bound, type Db, type Horizon, isOutage, store } from "@pedidos/persistence";

/** What the routes ask of the database, and what they change there themselves. Each may throw {@link StoreUnavailable}. */
export type Store = Bound<typeof store>;

/** The database is away, too slow, full, or holds no schema of ours: trying again later can help. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super("the database is unavailable", { cause });
  }
}

/** Exports have connections of their own, so that no number of them leaves other reads without. */
export const EXPORT_CONNECTIONS = 2;

/** The store on two pools, the second of which has exports read from it alone. */
export function openStoreWithExports(reads: Db, exports: Db): Store {
  const { walkOrders, walkPedidos } = openStore(exports);
  return { ...openStore(reads), walkOrders, walkPedidos };
}

export function openStore(db: Db): Store;
export function openStore(db: Db): object {
  const bound = Object.entries(store).map(([name, ask]) => [name, bind(ask, db)]);
  return Object.fromEntries(bound);
}

type Ask = (db: Db, ...rest: never[]) => Promise<unknown> | AsyncGenerator<unknown, void>;

function bind(ask: Ask, db: Db) {
  return (...rest: never[]) => {
    const answer = ask(db, ...rest);
    return answer instanceof Promise ? answer.catch(throwUnavailable) : walk(answer);
  };
}

async function* walk(pages: AsyncGenerator<unknown, void>): AsyncGenerator<unknown, void> {
  try {
    yield* pages;
  } catch (error) {
    throwUnavailable(error);
  }
}

/** @throws {@link StoreUnavailable} if it is an outage, else what it is */
export function throwUnavailable(error: unknown): never {
  throw isOutage(error) ? new StoreUnavailable(error) : error;
}

/** A {@link Horizon} that is known. */
export type KnownHorizon = (maxWaitMs?: number) => Promise<string>;

/** @throws {@link StoreUnavailable} while no time is known: what was recording when this process started has not ended */
export function requireHorizon(horizon: Horizon): KnownHorizon {
  return async (maxWaitMs) => {
    const before = await horizon(maxWaitMs);
    if (before === null) throw new StoreUnavailable(new Error("a transaction that records does not end"));
    return before;
  };
}

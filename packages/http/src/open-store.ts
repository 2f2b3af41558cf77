import {
  compareCustomers,
  compareOrders,
  countChanges,
  countOrders,
  discardRejection,
  findCustomer,
  findOrder,
  findRecordingTimes,
  findRejection,
  isOutage,
  listAudit,
  listChanges,
  listOrders,
  listRejections,
  measureBacklog,
  readConsuming,
  readTransactions,
  repairCustomer,
  replayRejection,
  setConsuming,
  traceOrder,
  walkOrders,
  walkPedidos,
} from "@pedidos/persistence";

type Kysely = Parameters<typeof findOrder>[0];
type Bound<Read> = Read extends (db: Kysely, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** What the routes ask of the database, and what they change there themselves. Each may throw {@link StoreUnavailable}. */
export type Store = {
  readonly findOrder: Bound<typeof findOrder>;
  readonly compareOrders: Bound<typeof compareOrders>;
  readonly traceOrder: Bound<typeof traceOrder>;
  readonly findCustomer: Bound<typeof findCustomer>;
  readonly listOrders: Bound<typeof listOrders>;
  readonly listChanges: Bound<typeof listChanges>;
  readonly countChanges: Bound<typeof countChanges>;
  readonly findRecordingTimes: Bound<typeof findRecordingTimes>;
  readonly measureBacklog: Bound<typeof measureBacklog>;
  readonly readTransactions: Bound<typeof readTransactions>;
  readonly walkOrders: Bound<typeof walkOrders>;
  readonly walkPedidos: Bound<typeof walkPedidos>;
  readonly listRejections: Bound<typeof listRejections>;
  readonly findRejection: Bound<typeof findRejection>;
  readonly replayRejection: Bound<typeof replayRejection>;
  readonly listAudit: Bound<typeof listAudit>;
  readonly discardRejection: Bound<typeof discardRejection>;
  readonly readConsuming: Bound<typeof readConsuming>;
  readonly setConsuming: Bound<typeof setConsuming>;
  readonly countOrders: Bound<typeof countOrders>;
  readonly compareCustomers: Bound<typeof compareCustomers>;
  readonly repairCustomer: Bound<typeof repairCustomer>;
};

/** The database is away, too slow, full, or holds no schema of ours: trying again later can help. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super("the database is unavailable", { cause });
  }
}

export function openStore(db: Kysely): Store {
  const one =
    <Rest extends readonly unknown[], Result>(read: (db: Kysely, ...rest: Rest) => Promise<Result>) =>
    (...rest: Rest): Promise<Result> =>
      read(db, ...rest).catch(tellOutage);
  const many = <Rest extends readonly unknown[], Page>(
    walk: (db: Kysely, ...rest: Rest) => AsyncGenerator<Page, void>,
  ) =>
    async function* (...rest: Rest): AsyncGenerator<Page, void> {
      try {
        yield* walk(db, ...rest);
      } catch (error) {
        tellOutage(error);
      }
    };
  return {
    findOrder: one(findOrder),
    compareOrders: one(compareOrders),
    traceOrder: one(traceOrder),
    findCustomer: one(findCustomer),
    listOrders: one(listOrders),
    listChanges: one(listChanges),
    countChanges: one(countChanges),
    findRecordingTimes: one(findRecordingTimes),
    measureBacklog: one(measureBacklog),
    readTransactions: one(readTransactions),
    walkOrders: many(walkOrders),
    walkPedidos: many(walkPedidos),
    listRejections: one(listRejections),
    findRejection: one(findRejection),
    replayRejection: one(replayRejection),
    listAudit: one(listAudit),
    discardRejection: one(discardRejection),
    readConsuming: one(readConsuming),
    setConsuming: one(setConsuming),
    countOrders: one(countOrders),
    compareCustomers: one(compareCustomers),
    repairCustomer: one(repairCustomer),
  };
}

/** @throws {@link StoreUnavailable} where it is an outage, else what it is */
export function tellOutage(error: unknown): never {
  throw isOutage(error) ? new StoreUnavailable(error) : error;
}

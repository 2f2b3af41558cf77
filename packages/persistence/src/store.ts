import { listAudit } from "./audit/list-audit.ts";
import { countChanges } from "./changes/count-changes.ts";
import { listChanges } from "./changes/list-changes.ts";
import { readTransactions } from "./changes/open-horizon.ts";
import type { Db } from "./connection/open-database.ts";
import { compareCustomers } from "./customers/compare-customers.ts";
import { findCustomer } from "./customers/find-customer.ts";
import { repairCustomer } from "./customers/repair-customer.ts";
import { readConsuming, setConsuming } from "./operations/consuming.ts";
import { measureBacklog } from "./operations/measure-backlog.ts";
import { compareOrders } from "./orders/compare-orders.ts";
import { countOrders } from "./orders/count-orders.ts";
import { findOrder } from "./orders/find-order.ts";
import { findRecordingTimes } from "./orders/find-recording-times.ts";
import { listOrders, walkOrders } from "./orders/list-orders.ts";
import { traceOrder } from "./orders/trace-order.ts";
import { discardRejection, replayRejection } from "./rejections/close-rejection.ts";
import { findRejection, listRejections } from "./rejections/list-rejections.ts";
import { walkPedidos } from "./replaced/walk-pedidos.ts";

/** What the API's routes ask of the database, and what they change there themselves. The one list of it. */
export const store = {
  findOrder,
  compareOrders,
  traceOrder,
  findCustomer,
  listOrders,
  listChanges,
  countChanges,
  findRecordingTimes,
  measureBacklog,
  readTransactions,
  walkOrders,
  walkPedidos,
  listRejections,
  findRejection,
  replayRejection,
  discardRejection,
  listAudit,
  readConsuming,
  setConsuming,
  countOrders,
  compareCustomers,
  repairCustomer,
} as const;

/** Functions whose first argument is the database, without it. */
export type Bound<Functions> = {
  readonly [Name in keyof Functions]: Functions[Name] extends (db: Db, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

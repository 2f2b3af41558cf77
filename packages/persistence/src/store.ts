/**
 * What the API's routes ask of the database, and what they change there themselves: each takes the database first. The one
 * list of it, which the package's index exports as `store`.
 */
export { listAudit } from "./audit/audit.ts";
export { countChanges, listChanges } from "./changes/list-changes.ts";
export { readTransactions } from "./changes/open-horizon.ts";
export { compareCustomers } from "./customers/compare-customers.ts";
export { findCustomer } from "./customers/find-customers.ts";
export { repairCustomer } from "./customers/repair-customer.ts";
export { readConsuming, setConsuming } from "./operations/consuming.ts";
export { measureBacklog } from "./operations/measure-backlog.ts";
export { sumPeriod } from "./operations/sum-period.ts";
export { compareOrders } from "./orders/compare-orders.ts";
export { countOrders } from "./orders/count-orders.ts";
export { findRecordingTimes } from "./orders/find-recording-times.ts";
export { findOrder, listOrders, walkOrders } from "./orders/list-orders.ts";
export { traceOrder } from "./orders/trace-order.ts";
export { discardRejection, discardRejections, replayRejection } from "./rejections/close-rejection.ts";
export { countOpenRejections } from "./rejections/count-open-rejections.ts";
export { countRejections } from "./rejections/count-rejections.ts";
export { findRejection, listRejections } from "./rejections/list-rejections.ts";
export { walkPedidos } from "./replaced/walk-pedidos.ts";

export { type AuditEntry, type PerformedBy, writeAudit } from "./audit/audit.ts";
export {
  type Change,
  type ChangeCounts,
  type ChangePosition,
  comparePositions,
  startOf,
} from "./changes/list-changes.ts";
export { type Horizon, openHorizon, readTransactions } from "./changes/open-horizon.ts";
export { type Failure, isOutage, LostConnection } from "./connection/classify-failure.ts";
export { openDatabase, poolUse } from "./connection/open-database.ts";
export { runExclusively } from "./connection/run-exclusively.ts";
export type { Bound, Db, StatementLimits } from "./connection/statements.ts";
export type { ComparedCustomer, ComparedRange, CountedCustomers } from "./customers/compare-customers.ts";
export type { RepairedCustomer } from "./customers/repair-customer.ts";
export { isConsumingPaused } from "./operations/consuming.ts";
export { type DatabaseFacts, inspectDatabase } from "./operations/inspect-database.ts";
export { findDatabaseConcerns, judgeDurability } from "./operations/judge-durability.ts";
export type { MeasuredBacklog } from "./operations/measure-backlog.ts";
export type { PeriodSums } from "./operations/sum-period.ts";
export { type Comparison, findOutcomes } from "./orders/compare-orders.ts";
export type { CountedOrders, CountedUpTo } from "./orders/count-orders.ts";
export type { RecordingTimes } from "./orders/find-recording-times.ts";
export { type Identity, identityOf } from "./orders/identity.ts";
export type { OrderFilter, Position } from "./orders/list-orders.ts";
export type { StoredTrace } from "./orders/trace-order.ts";
export type { Sweep } from "./outbox/outbox-rows.ts";
export type { Announcement, SweptRow } from "./outbox/sweep-outbox.ts";
export { openRecorderStore, type RecorderStore } from "./recording/open-recorder-store.ts";
export { probeSpool } from "./recording/probe-recording.ts";
export { type Outcome, type RecordedBatch, recordOrders, type Submission } from "./recording/record-orders.ts";
export type { RejectionFilter } from "./rejections/list-rejections.ts";
export type { StoredRejection } from "./rejections/rejection-row.ts";
export type { PedidoRow } from "./replaced/walk-pedidos.ts";
export { holdsReplacedTable, MigrationUncertain, migrate } from "./schema/migrate.ts";
export type { MissingRights } from "./schema/missing-rights.ts";
export { MigrationRefused } from "./schema/refuse-migration.ts";
export { schemaDirectory } from "./schema/schema-files.ts";
export { type ClaimedRow, claimSpooled } from "./spool/claim-spooled.ts";
export type { Deferred } from "./spool/defer-submissions.ts";
export { type SpooledBody, spoolClaimed, spoolOrders } from "./spool/spool-orders.ts";
export { freeSpool, type Interrupted } from "./spool/spool-rows.ts";
export * as store from "./store.ts";
export * from "./store.ts";

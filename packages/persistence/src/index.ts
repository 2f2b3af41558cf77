export type { AuditDetail, AuditEntry } from "./audit/audit-entry.ts";
export { listAudit } from "./audit/list-audit.ts";
export { writeAudit } from "./audit/write-audit.ts";
export { type ChangePosition, comparePositions, startOf } from "./changes/change-position.ts";
export { type ChangeCounts, countChanges } from "./changes/count-changes.ts";
export { type Change, listChanges } from "./changes/list-changes.ts";
export { type Horizon, openHorizon, readTransactions } from "./changes/open-horizon.ts";
export { classifyFailure, type Failure, isOutage } from "./connection/classify-failure.ts";
export { DatabaseUnavailable, LostConnection } from "./connection/database-errors.ts";
export type { StatementLimits } from "./connection/limit-statements.ts";
export { type DatabaseOptions, type Db, openDatabase, poolUse } from "./connection/open-database.ts";
export { runExclusively } from "./connection/run-exclusively.ts";
export {
  type ComparedCustomer,
  type ComparedRange,
  type CountedCustomers,
  compareCustomers,
} from "./customers/compare-customers.ts";
export { findCustomer } from "./customers/find-customer.ts";
export { findLockedCustomers } from "./customers/find-locked-customers.ts";
export { type RepairedCustomer, repairCustomer } from "./customers/repair-customer.ts";
export { isConsumingPaused, readConsuming, setConsuming } from "./operations/consuming.ts";
export { type DatabaseFacts, inspectDatabase } from "./operations/inspect-database.ts";
export { findDatabaseConcerns, judgeDurability } from "./operations/judge-durability.ts";
export { type MeasuredBacklog, measureBacklog } from "./operations/measure-backlog.ts";
export { type Comparison, compareOrders } from "./orders/compare-orders.ts";
export { type CountedOrders, type CountedUpTo, countOrders } from "./orders/count-orders.ts";
export { findOrder } from "./orders/find-order.ts";
export { findOutcomes } from "./orders/find-outcomes.ts";
export { findRecordingTimes, type RecordingTimes } from "./orders/find-recording-times.ts";
export { type Identity, identityOf } from "./orders/identity.ts";
export { listOrders, type OrderFilter, type Position, walkOrders } from "./orders/list-orders.ts";
export { type StoredTrace, traceOrder } from "./orders/trace-order.ts";
export { deleteAnnounced, postponeRefused, type Sweep } from "./outbox/outbox-rows.ts";
export { type Announcement, type AnnouncementOutcome, type SweptRow, sweepOutbox } from "./outbox/sweep-outbox.ts";
export { keepOversized, type OversizedRow } from "./oversized/oversized-rows.ts";
export { passOnOversized } from "./oversized/pass-on-oversized.ts";
export { openRecorderStore, type RecorderStore } from "./recording/open-recorder-store.ts";
export { probeSpool } from "./recording/probe-recording.ts";
export { type Outcome, type RecordedBatch, recordOrders, type Submission } from "./recording/record-orders.ts";
export { discardRejection, replayRejection } from "./rejections/close-rejection.ts";
export {
  findRejection,
  listRejections,
  type RejectionFilter,
  type RejectionPosition,
} from "./rejections/list-rejections.ts";
export type { StoredRejection } from "./rejections/rejection-row.ts";
export { holdsReplacedTable } from "./replaced/holds-replaced-table.ts";
export { type PedidoRow, walkPedidos } from "./replaced/walk-pedidos.ts";
export { MigrationUncertain, migrate } from "./schema/migrate.ts";
export type { MissingRights } from "./schema/missing-rights.ts";
export { MigrationRefused } from "./schema/refuse-migration.ts";
export { schemaDirectory } from "./schema/schema-files.ts";
export { type ClaimedRow, type ClaimLimits, claimSpooled, type Due } from "./spool/claim-spooled.ts";
export type { Deferred } from "./spool/defer-submissions.ts";
export { freeSpool, type Interrupted } from "./spool/release-spooled.ts";
export { type SpooledBody, spoolClaimed, spoolOrders } from "./spool/spool-orders.ts";
export { type Bound, store } from "./store.ts";

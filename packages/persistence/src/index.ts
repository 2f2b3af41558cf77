export { type ChangePosition, comparePositions, startOf } from "./changes/change-position.ts";
export { type ChangeCounts, countChanges } from "./changes/count-changes.ts";
export { type Change, type ChangeFilter, listChanges } from "./changes/list-changes.ts";
export { type Horizon, openHorizon, readTransactions, type Transactions } from "./changes/open-horizon.ts";
export { classifyFailure, type Failure, type FailureKind, isOutage } from "./connection/classify-failure.ts";
export { DatabaseUnavailable, LostConnection } from "./connection/database-errors.ts";
export type { StatementLimits } from "./connection/limit-statements.ts";
export { type DatabaseOptions, type Db, openDatabase, poolUse } from "./connection/open-database.ts";
export { takeTurn } from "./connection/take-turn.ts";
export {
  type ComparedCustomer,
  type ComparedStretch,
  type CountedCustomers,
  compareCustomers,
} from "./customers/compare-customers.ts";
export { findCustomer } from "./customers/find-customer.ts";
export { type RepairedCustomer, repairCustomer } from "./customers/repair-customer.ts";
export type { AuditDetail, AuditEntry } from "./operations/audit.ts";
export { isConsumingPaused, readConsuming, setConsuming } from "./operations/consuming.ts";
export { findDatabaseConcerns } from "./operations/find-database-concerns.ts";
export { type DatabaseFacts, inspectDatabase } from "./operations/inspect-database.ts";
export { judgeDurability } from "./operations/judge-durability.ts";
export { listAudit } from "./operations/list-audit.ts";
export { type MeasuredBacklog, measureBacklog } from "./operations/measure-backlog.ts";
export { writeAudit } from "./operations/write-audit.ts";
export { type Comparison, compareOrders } from "./orders/compare-orders.ts";
export { type CountedOrders, type CountedUpTo, countOrders } from "./orders/count-orders.ts";
export { findOrder } from "./orders/find-order.ts";
export { findOutcomes, type WaitedOutcome } from "./orders/find-outcomes.ts";
export { findRecordingTimes, type RecordingTimes } from "./orders/find-recording-times.ts";
export { listOrders, type OrderFilter, type Position } from "./orders/list-orders.ts";
export { type StoredTrace, traceOrder } from "./orders/trace-order.ts";
export { walkOrders } from "./orders/walk-orders.ts";
export { deleteAnnounced } from "./outbox/delete-announced.ts";
export {
  type Announcement,
  type AnnouncementOutcome,
  postponeRefused,
  type Sweep,
  type SweptRow,
  sweepOutbox,
} from "./outbox/sweep-outbox.ts";
export { findLockedCustomers } from "./recording/find-locked-customers.ts";
export { type Identity, identityOf } from "./recording/fingerprint.ts";
export { probeRecording, probeSpool } from "./recording/probe-recording.ts";
export { type Outcome, type RecordedBatch, recordOrders, type Submission } from "./recording/record-orders.ts";
export { discardRejection, replayRejection } from "./rejections/close-rejection.ts";
export {
  findRejection,
  listRejections,
  type RejectionFilter,
  type RejectionPosition,
  type StoredRejection,
} from "./rejections/list-rejections.ts";
export { type PedidoRow, walkPedidos } from "./replaced/walk-pedidos.ts";
export { holdsReplacedTable, type Migrated, MigrationUncertain, migrate } from "./schema/migrate.ts";
export type { MissingRights } from "./schema/missing-rights.ts";
export { MigrationRefused } from "./schema/refuse-migration.ts";
export { schemaDirectory } from "./schema/schema-directory.ts";
export {
  type ClaimedRow,
  type ClaimLimits,
  claimDeferred,
  claimSpooled,
  claimSuspect,
  type Due,
  findDue,
} from "./spool/claim-spooled.ts";
export { type Deferred, deferSubmissions } from "./spool/defer-submissions.ts";
export { keepOversized, passOnOversized } from "./spool/oversized.ts";
export { freeSpool, type Interrupted, releaseSpooled } from "./spool/release-spooled.ts";
export { type SpooledBody, spoolClaimed, spoolOrders } from "./spool/spool-orders.ts";

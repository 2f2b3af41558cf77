export type { AuditDetail, AuditEntry } from "./audit.ts";
export { type ChangePosition, comparePositions, startOf } from "./change-position.ts";
export {
  type ClaimedRow,
  type ClaimLimits,
  claimDeferred,
  claimSpooled,
  claimSuspect,
  type Due,
  findDue,
} from "./claim-spooled.ts";
export { classifyFailure, type Failure, type FailureKind, isOutage } from "./classify-failure.ts";
export { discardRejection, replayRejection } from "./close-rejection.ts";
export {
  type ComparedCustomer,
  type ComparedStretch,
  type CountedCustomers,
  compareCustomers,
} from "./compare-customers.ts";
export { type Comparison, compareOrders } from "./compare-orders.ts";
export { type Consuming, isConsumingPaused, readConsuming, setConsuming } from "./consuming.ts";
export { type ChangeCounts, countChanges } from "./count-changes.ts";
export { type CountedOrders, type CountedUpTo, countOrders } from "./count-orders.ts";
export { DatabaseUnavailable, LostConnection } from "./database-errors.ts";
export { type Deferred, deferSubmissions } from "./defer-submissions.ts";
export { deleteAnnounced } from "./delete-announced.ts";
export { type CustomerSummary, findCustomer } from "./find-customer.ts";
export { findDatabaseConcerns } from "./find-database-concerns.ts";
export { findLockedCustomers } from "./find-locked-customers.ts";
export { findOrder, type StoredOrder } from "./find-order.ts";
export { findOutcomes, type WaitedOutcome } from "./find-outcomes.ts";
export { findRecordingTimes, type RecordingTimes } from "./find-recording-times.ts";
export { type Identity, identityOf } from "./fingerprint.ts";
export { type DatabaseFacts, inspectDatabase } from "./inspect-database.ts";
export { judgeDurability } from "./judge-durability.ts";
export type { StatementLimits } from "./limit-statements.ts";
export { listAudit, type StoredAuditEntry } from "./list-audit.ts";
export { type Change, type ChangeFilter, listChanges } from "./list-changes.ts";
export { type ListedOrder, listOrders, type OrderFilter, type Position } from "./list-orders.ts";
export {
  findRejection,
  listRejections,
  type RejectionFilter,
  type RejectionPosition,
  type RejectionStatus,
  type StoredRejection,
} from "./list-rejections.ts";
export { type MeasuredBacklog, measureBacklog } from "./measure-backlog.ts";
export { holdsReplacedTable, type Migrated, MigrationUncertain, migrate } from "./migrate.ts";
export type { MissingRights } from "./missing-rights.ts";
export { type DatabaseOptions, type Db, openDatabase, poolUse } from "./open-database.ts";
export { type Horizon, openHorizon, readTransactions, type Transactions } from "./open-horizon.ts";
export { keepOversized, passOnOversized } from "./oversized.ts";
export { probeRecording, probeSpool } from "./probe-recording.ts";
export { type Outcome, type RecordedBatch, recordOrders, type Submission } from "./record-orders.ts";
export { MigrationRefused } from "./refuse-migration.ts";
export { freeSpool, type Interrupted, releaseSpooled } from "./release-spooled.ts";
export { type RepairedCustomer, repairCustomer } from "./repair-customer.ts";
export { schemaDirectory } from "./schema-directory.ts";
export { type SpooledBody, spoolClaimed, spoolOrders } from "./spool-orders.ts";
export {
  type Announcement,
  type AnnouncementOutcome,
  postponeRefused,
  type Sweep,
  type SweptRow,
  sweepOutbox,
} from "./sweep-outbox.ts";
export { takeTurn } from "./take-turn.ts";
export { type DeferredTrace, type OrderTrace, traceOrder } from "./trace-order.ts";
export { walkOrders } from "./walk-orders.ts";
export { type PedidoRow, walkPedidos } from "./walk-pedidos.ts";
export { writeAudit } from "./write-audit.ts";

import type {
  Announcement,
  AnnouncementOutcome,
  ClaimedRow,
  Deferred,
  Failure,
  RecordedBatch,
  SpooledBody,
  StatementLimits,
  Submission,
  Sweep,
  SweptRow,
} from "@pedidos/persistence";
import * as persistence from "@pedidos/persistence";

/** What the recorder asks of the database. Every call is bounded in time. */
export type RecorderStore = {
  readonly record: (
    submissions: readonly Submission[],
    announced: readonly number[],
    limits?: StatementLimits,
  ) => Promise<RecordedBatch>;
  readonly classify: (error: unknown) => Failure;
  /** @throws where the database does not record at this moment */
  readonly probe: () => Promise<void>;
  readonly findLockedCustomers: (customerIds: readonly number[]) => Promise<ReadonlySet<number>>;
  /** Keeps what was refused, to be tried again later and apart from others. */
  readonly defer: (deferred: readonly Deferred[]) => Promise<void>;
  /** Whether consuming is paused by hand. */
  readonly isPaused: () => Promise<boolean>;
  readonly spool: (rows: readonly SpooledBody[]) => Promise<void>;
  readonly spoolClaimed: (rows: readonly SpooledBody[]) => Promise<ClaimedRow[]>;
  readonly claim: (limits: persistence.ClaimLimits) => Promise<ClaimedRow[]>;
  readonly claimDeferred: (limits: persistence.ClaimLimits) => Promise<ClaimedRow[]>;
  readonly findDue: () => Promise<persistence.Due>;
  readonly claimSuspect: () => Promise<ClaimedRow | undefined>;
  readonly release: (spoolIds: readonly number[], interrupted: persistence.Interrupted) => Promise<void>;
  readonly keepOversized: (row: { source: ClaimedRow["source"]; body: Buffer }) => Promise<void>;
  readonly passOnOversized: (publish: (row: OversizedRow) => Promise<boolean>) => Promise<boolean>;
  readonly deleteAnnounced: (outboxIds: readonly number[]) => Promise<void>;
  readonly postponeRefused: (outboxIds: readonly number[]) => Promise<void>;
  readonly sweep: (
    sweep: Sweep,
    announce: (announcement: Announcement) => Promise<AnnouncementOutcome>,
  ) => Promise<SweptRow[]>;
};

export type OversizedRow = Pick<ClaimedRow, "source" | "body">;

/** So many batches after one that held an order for the second time are expected to hold some too. */
const WARY_FOR = 16;

/** The store on PostgreSQL. */
export function openRecorderStore(db: persistence.Db): RecorderStore {
  let wary = 0;
  return {
    async record(submissions, announced, limits) {
      const recorded = await persistence.recordOrders(db, submissions, { announced, expectNew: wary === 0, limits });
      const isAnyOld = recorded.outcomes.some((outcome) => outcome === "duplicate" || outcome === "conflict");
      wary = isAnyOld ? WARY_FOR : Math.max(0, wary - 1);
      return recorded;
    },
    classify: persistence.classifyFailure,
    probe: () => persistence.probeRecording(db),
    findLockedCustomers: (customerIds) => persistence.findLockedCustomers(db, customerIds),
    defer: (deferred) => persistence.deferSubmissions(db, deferred),
    isPaused: () => persistence.isConsumingPaused(db),
    spool: (rows) => persistence.spoolOrders(db, rows),
    spoolClaimed: (rows) => persistence.spoolClaimed(db, rows),
    claim: (limits) => persistence.claimSpooled(db, limits),
    claimDeferred: (limits) => persistence.claimDeferred(db, limits),
    findDue: () => persistence.findDue(db),
    claimSuspect: () => persistence.claimSuspect(db),
    release: (spoolIds, interrupted) => persistence.releaseSpooled(db, spoolIds, interrupted),
    keepOversized: (row) => persistence.keepOversized(db, row),
    passOnOversized: (publish) => persistence.passOnOversized(db, publish),
    deleteAnnounced: (outboxIds) => persistence.deleteAnnounced(db, outboxIds),
    postponeRefused: (outboxIds) => persistence.postponeRefused(db, outboxIds),
    sweep: (sweep, announce) => persistence.sweepOutbox(db, sweep, announce),
  };
}

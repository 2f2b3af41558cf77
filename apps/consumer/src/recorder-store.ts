import type {
  Announcement,
  AnnouncementOutcome,
  ClaimedRow,
  RecordedBatch,
  SpooledBody,
  Submission,
  Sweep,
  SweptRow,
} from "@pedidos/persistence";
import * as persistence from "@pedidos/persistence";

/** What the recorder asks of the database. Every call is bounded in time. */
export type RecorderStore = {
  readonly record: (submissions: readonly Submission[], announced: readonly number[]) => Promise<RecordedBatch>;
  readonly isDataError: (error: unknown) => error is Error;
  readonly ping: () => Promise<void>;
  /** Whether consuming is paused by hand. */
  readonly isPaused: () => Promise<boolean>;
  readonly spool: (rows: readonly SpooledBody[]) => Promise<void>;
  readonly spoolClaimed: (rows: readonly SpooledBody[]) => Promise<ClaimedRow[]>;
  readonly claim: (limits: persistence.ClaimLimits) => Promise<ClaimedRow[]>;
  readonly hasSuspect: () => Promise<boolean>;
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
    async record(submissions, announced) {
      const recorded = await persistence.recordOrders(db, submissions, { announced, expectNew: wary === 0 });
      const isAnyOld = recorded.outcomes.some((outcome) => outcome === "duplicate" || outcome === "conflict");
      wary = isAnyOld ? WARY_FOR : Math.max(0, wary - 1);
      return recorded;
    },
    isDataError: persistence.isDataError,
    ping: () => persistence.pingDatabase(db),
    isPaused: () => persistence.isConsumingPaused(db),
    spool: (rows) => persistence.spoolOrders(db, rows),
    spoolClaimed: (rows) => persistence.spoolClaimed(db, rows),
    claim: (limits) => persistence.claimSpooled(db, limits),
    hasSuspect: () => persistence.hasSuspect(db),
    claimSuspect: () => persistence.claimSuspect(db),
    release: (spoolIds, interrupted) => persistence.releaseSpooled(db, spoolIds, interrupted),
    keepOversized: (row) => persistence.keepOversized(db, row),
    passOnOversized: (publish) => persistence.passOnOversized(db, publish),
    deleteAnnounced: (outboxIds) => persistence.deleteAnnounced(db, outboxIds),
    postponeRefused: (outboxIds) => persistence.postponeRefused(db, outboxIds),
    sweep: (sweep, announce) => persistence.sweepOutbox(db, sweep, announce),
  };
}

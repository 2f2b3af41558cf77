import { classifyFailure } from "../connection/classify-failure.ts";
import type { Db, StatementLimits } from "../connection/statements.ts";
import { findLockedCustomers } from "../customers/find-customers.ts";
import { isConsumingPaused } from "../operations/consuming.ts";
import { deleteAnnounced, postponeRefused } from "../outbox/outbox-rows.ts";
import { sweepOutbox } from "../outbox/sweep-outbox.ts";
import { keepOversized, passOnOversized } from "../oversized/oversized.ts";
import { claimDeferred, claimSpooled, claimSuspect, findDue } from "../spool/claim-spooled.ts";
import { deferSubmissions } from "../spool/defer-submissions.ts";
import { spoolClaimed, spoolOrders } from "../spool/spool-orders.ts";
import { releaseSpooled } from "../spool/spool-rows.ts";
import { probeRecording } from "./probe-recording.ts";
import { recordOrders, type Submission } from "./record-orders.ts";

/** What the recorder asks of the database. Every call is bounded in time. */
export type RecorderStore = Readonly<ReturnType<typeof openRecorderStore>>;

/** After a batch that held an order for the second time, this many batches are expected to hold some too. */
const WARY_FOR = 16;

export function openRecorderStore(db: Db) {
  const bound =
    <Rest extends readonly unknown[], Result>(call: (db: Db, ...rest: Rest) => Result) =>
    (...rest: Rest) =>
      call(db, ...rest);
  let wary = 0;
  return {
    async record(submissions: readonly Submission[], announced: readonly number[], limits?: StatementLimits) {
      const recorded = await recordOrders(db, submissions, { announced, expectNew: wary === 0, limits });
      const isAnyOld = recorded.outcomes.some((outcome) => outcome === "duplicate" || outcome === "conflict");
      wary = isAnyOld ? WARY_FOR : Math.max(0, wary - 1);
      return recorded;
    },
    classify: classifyFailure,
    probe: bound(probeRecording),
    findLockedCustomers: bound(findLockedCustomers),
    defer: bound(deferSubmissions),
    isPaused: bound(isConsumingPaused),
    spool: bound(spoolOrders),
    spoolClaimed: bound(spoolClaimed),
    claim: bound(claimSpooled),
    claimDeferred: bound(claimDeferred),
    claimSuspect: bound(claimSuspect),
    findDue: bound(findDue),
    release: bound(releaseSpooled),
    keepOversized: bound(keepOversized),
    passOnOversized: bound(passOnOversized),
    deleteAnnounced: bound(deleteAnnounced),
    postponeRefused: bound(postponeRefused),
    sweep: bound(sweepOutbox),
  };
}

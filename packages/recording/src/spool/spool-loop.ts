import { setTimeout as wait } from "node:timers/promises";
import type { ClaimedRow, RecorderStore } from "@pedidos/persistence";
import type { BatchLimits } from "../batches/backlog.ts";
import { type LinesOptions, toPoison, toSubmission } from "../batches/record-lines.ts";
import type { RecordingQueue } from "../batches/recording-queue.ts";
import type { Line } from "../lines/line.ts";
import type { Protocol } from "../protocol/open-protocol.ts";
import { mayClaim, mayTryAlone } from "../protocol/protocol.ts";

export type SpoolLoopOptions = BatchLimits & {
  readonly store: Pick<RecorderStore, "claim" | "claimDeferred" | "claimSuspect" | "findDue" | "classify">;
  readonly protocol: Protocol;
  readonly queue: Pick<RecordingQueue, "add" | "pending">;
  readonly record: (lines: readonly Line[], options: LinesOptions) => Promise<void>;
};

export type SpoolLoop = ReturnType<typeof startSpoolLoop>;

/** How long an empty spool is left alone, unless `wake` is called. Suspects and deferred rows are looked up as often. */
const IDLE_MS = 250;
/** A row is tried this often; then it is poison. */
const MOST_TRIES = 4;

/**
 * Brings what is in the spool to its record: rows without suspicion in batches with what the broker delivers, what was
 * deferred in batches of its own, suspects one at a time and alone.
 */
export function startSpoolLoop({ store, protocol, queue, record, maxLines, maxBytes }: SpoolLoopOptions) {
  const claim = { rows: maxLines, bytes: maxBytes };
  let [wakes, isDrained] = [0, false];
  let idling = new AbortController();
  let findDueAt = 0;

  /** → whether there was one. */
  async function trySuspect(): Promise<boolean> {
    protocol.report({ kind: "alone_wanted" });
    await protocol.until((state) => state.alone === "no" || state.isStopping || mayTryAlone(state));
    const mayTry = mayTryAlone(protocol.state());
    protocol.report({ kind: mayTry ? "alone_started" : "alone_ended" });
    if (!mayTry) return false;
    const lines: Line[] = [];
    try {
      const row = await store.claimSuspect();
      if (row !== undefined) {
        lines.push(toLine(row));
        await record(lines, { apart: true, isSuspect: true, read: row.tries > MOST_TRIES ? toPoison : toSubmission });
      }
      protocol.report({ kind: "alone_ended" });
      return row !== undefined;
    } catch (error) {
      protocol.report({ kind: "alone_stalled", lines, failure: store.classify(error) });
      return false;
    }
  }

  /** → whether there were some. */
  async function tryDeferred(): Promise<boolean> {
    const lines = (await store.claimDeferred(claim)).map(toLine);
    if (lines.length === 0) return false;
    protocol.report({ kind: "batch_started" });
    try {
      await record(lines, { apart: true });
      protocol.report({ kind: "batch_recorded" });
      return true;
    } catch (error) {
      protocol.report({ kind: "batch_stalled", lines, failure: store.classify(error) });
      return false;
    }
  }

  /** → whether there may be more. */
  async function round(): Promise<boolean> {
    await protocol.until(({ isStopping }) => isStopping || queue.pending().entries < maxLines);
    if (protocol.state().isStopping) return false;
    const wakesBefore = wakes;
    const rows = await store.claim(claim);
    isDrained = rows.length === 0 && wakes === wakesBefore;
    for (const row of rows) queue.add([toLine(row)].values(), { bytes: row.body.length });
    if (performance.now() < findDueAt) return rows.length > 0;
    const due = await store.findDue();
    const tried = [due.deferred && (await tryDeferred()), due.suspect && (await trySuspect())].includes(true);
    // One that was found may not be the last.
    if (!tried) findDueAt = performance.now() + IDLE_MS;
    return tried || rows.length > 0;
  }

  async function run(): Promise<void> {
    while (true) {
      await protocol.until((state) => mayClaim(state) || state.isStopping);
      if (protocol.state().isStopping) return;
      idling = new AbortController();
      try {
        if (await round()) continue;
      } catch (error) {
        protocol.report({ kind: "call_failed", lines: [], failure: store.classify(error) });
      }
      await wait(IDLE_MS, undefined, { signal: idling.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    /** Says that something is in the spool, or is about to be. */
    wake(): void {
      wakes++;
      isDrained = false;
      idling.abort();
    },
    /** Whether the spool holds nothing that is known of: what was found is claimed, and nobody has said that more came. */
    isDrained: () => isDrained,
    /** To be called once the protocol is stopping. */
    async stop(): Promise<void> {
      idling.abort();
      await running;
    },
  };
}

/** A row that this process has claimed, to be recorded. */
export function toLine({ source, body, spoolId, tries, queuedAt, traceparent }: ClaimedRow): Line {
  const line = { source, body, spoolId, tries, acceptedAt: queuedAt, settle() {} };
  return traceparent === undefined ? line : { ...line, traceparent };
}

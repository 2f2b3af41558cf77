import type { ClaimedRow, RecorderStore } from "@pedidos/persistence";
import type { RecordingQueue } from "../batches/recording-queue.ts";
import type { Line } from "../lines/line.ts";
import type { Protocol } from "../protocol/open-protocol.ts";
import { mayClaim, mayTryAlone } from "../protocol/protocol.ts";

export type SpoolLoopOptions = {
  readonly store: Pick<RecorderStore, "claim" | "claimDeferred" | "claimSuspect" | "findDue" | "classify">;
  readonly protocol: Pick<Protocol, "report" | "until" | "state">;
  readonly queue: Pick<RecordingQueue, "add" | "below">;
  /** Records lines that were refused before. */
  readonly recordApart: (lines: readonly Line[]) => Promise<void>;
  /** Records one line; `poison`: by its bytes alone. */
  readonly recordAlone: (line: Line, options: { poison: boolean }) => Promise<void>;
};

export type SpoolLoop = {
  /** Says that something waits in the spool, or is about to. */
  readonly wake: () => void;
  /** Whether nothing waits there that is known of: what was found is claimed, and nobody has said that more came. */
  readonly isDrained: () => boolean;
  readonly stop: () => Promise<void>;
};

/** How long an empty spool is left alone; `wake` ends it early. Suspects and what is deferred are looked for as often. */
const IDLE_MS = 250;
const CLAIM = { rows: 500, bytes: 2 * 1024 * 1024 };
/** A row is tried this often; then it is poison. */
const MOST_TRIES = 4;

/**
 * Brings what is in the spool to its record: rows without suspicion in batches with what the broker delivers, what was
 * deferred in batches of its own, suspects one at a time and alone.
 */
export function startSpoolLoop({ store, protocol, queue, ...options }: SpoolLoopOptions): SpoolLoop {
  let stopped = false;
  let awake = false;
  let rouse = () => {};
  let lookAt = 0;
  let [wakes, isDrained] = [0, false];
  const stopping = Promise.withResolvers<void>();

  /** → whether there was one. */
  async function trySuspect(): Promise<boolean> {
    protocol.report({ kind: "alone_wanted" });
    await protocol.until((state) => state.alone === "no" || state.isStopping || mayTryAlone(state));
    const isTurn = mayTryAlone(protocol.state());
    protocol.report({ kind: isTurn ? "alone_started" : "alone_ended" });
    if (!isTurn) return false;
    let line: Line | undefined;
    try {
      const row = await store.claimSuspect();
      line = row && toLine(row);
      if (row && line) await options.recordAlone(line, { poison: row.tries > MOST_TRIES });
      protocol.report({ kind: "alone_ended" });
      return row !== undefined;
    } catch (error) {
      const failure = store.classify(error);
      protocol.report({ kind: "alone_stalled", lines: line === undefined ? [] : [line], failure });
      return false;
    }
  }

  /** → whether there were some. */
  async function tryDeferred(): Promise<boolean> {
    const rows = await store.claimDeferred(CLAIM);
    if (rows.length === 0) return false;
    const lines = rows.map(toLine);
    protocol.report({ kind: "batch_started" });
    try {
      await options.recordApart(lines);
      protocol.report({ kind: "batch_recorded" });
      return true;
    } catch (error) {
      protocol.report({ kind: "batch_stalled", lines, failure: store.classify(error) });
      return false;
    }
  }

  /** → whether there may be more. */
  async function round(): Promise<boolean> {
    await Promise.race([queue.below(CLAIM.rows), stopping.promise]);
    if (stopped) return false;
    const wakesBefore = wakes;
    const rows = await store.claim(CLAIM);
    isDrained = rows.length === 0 && wakes === wakesBefore;
    for (const row of rows) queue.add([toLine(row)].values(), { bytes: row.body.length });
    if (performance.now() < lookAt) return rows.length > 0;
    const due = await store.findDue();
    const tried = [due.deferred && (await tryDeferred()), due.suspect && (await trySuspect())].includes(true);
    // One that was found may not be the last.
    if (!tried) lookAt = performance.now() + IDLE_MS;
    return tried || rows.length > 0;
  }

  async function idle(): Promise<void> {
    if (awake || stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, IDLE_MS);
      rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    while (!stopped) {
      await Promise.race([protocol.until(mayClaim), stopping.promise]);
      if (stopped) return;
      awake = false;
      try {
        if (await round()) continue;
      } catch (error) {
        protocol.report({ kind: "call_failed", lines: [], failure: store.classify(error) });
      }
      await idle();
    }
  }

  const running = run();
  return {
    wake() {
      wakes++;
      isDrained = false;
      awake = true;
      rouse();
    },
    isDrained: () => isDrained,
    async stop() {
      stopped = true;
      stopping.resolve();
      rouse();
      await running;
    },
  };
}

/** A row that this process has claimed, on its way to its record. */
export function toLine({ source, body, spoolId, tries, queuedAt, traceparent }: ClaimedRow): Line {
  const line = { source, body, spoolId, tries, acceptedAt: queuedAt, settle() {} };
  return traceparent === undefined ? line : { ...line, traceparent };
}

import type { ClaimedRow } from "@pedidos/persistence";
import type { ConsumingSwitch } from "./consuming-switch.ts";
import type { Line } from "./line.ts";
import type { Outage } from "./outage.ts";
import type { RecorderStore } from "./recorder-store.ts";
import type { RecordingQueue } from "./recording-queue.ts";

export type SpoolLoopOptions = {
  readonly store: Pick<RecorderStore, "claim" | "hasSuspect" | "claimSuspect">;
  readonly queue: Pick<RecordingQueue, "add" | "below" | "alone">;
  readonly outage: Pick<Outage, "begin" | "over">;
  readonly consuming: Pick<ConsumingSwitch, "on">;
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

/** How long an empty spool is left alone; `wake` ends it early. Suspects are looked for as often. */
const IDLE_MS = 250;
const CLAIM = { rows: 500, bytes: 2 * 1024 * 1024 };
/** A row is tried this often; then it is poison. */
const MOST_TRIES = 4;

/** Brings what is in the spool to its record: rows without suspicion in batches, suspects one at a time and alone. */
export function startSpoolLoop({ store, queue, outage, consuming, recordAlone }: SpoolLoopOptions): SpoolLoop {
  let stopped = false;
  let awake = false;
  let rouse = () => {};
  let lookAt = 0;
  let [wakes, isDrained] = [0, false];
  const stopping = Promise.withResolvers<void>();

  async function trySuspect(): Promise<boolean> {
    let found = false;
    await queue.alone(async () => {
      const row = await store.claimSuspect();
      if (row === undefined) return;
      found = true;
      const line = toLine(row);
      try {
        await recordAlone(line, { poison: row.tries > MOST_TRIES });
      } catch (error) {
        outage.begin([line], error, { alone: true });
      }
    });
    return found;
  }

  async function round(): Promise<boolean> {
    await Promise.race([queue.below(CLAIM.rows), stopping.promise]);
    if (stopped) return false;
    const wakesBefore = wakes;
    const rows = await store.claim(CLAIM);
    isDrained = rows.length === 0 && wakes === wakesBefore;
    for (const row of rows) queue.add([toLine(row)].values(), { bytes: row.body.length });
    if (performance.now() < lookAt) return rows.length > 0;
    const tried = (await store.hasSuspect()) && (await trySuspect());
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

  async function allowed(): Promise<void> {
    await consuming.on();
    await outage.over();
  }

  async function run(): Promise<void> {
    while (!stopped) {
      await Promise.race([allowed(), stopping.promise]);
      if (stopped) return;
      awake = false;
      try {
        if (await round()) continue;
      } catch (error) {
        outage.begin([], error);
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

import type { Failure } from "@pedidos/persistence";
import type { Line, Parcel } from "./line.ts";
import type { Protocol } from "./open-protocol.ts";
import { mayStartBatch } from "./protocol.ts";
import { type Limits, takeLines, type Waiting } from "./take-lines.ts";

export type RecordingQueueOptions = Limits & {
  readonly protocol: Pick<Protocol, "state" | "report" | "onChange" | "until">;
  /** Records lines, or keeps them where they are tried again; throws where it can do neither. */
  readonly record: (lines: readonly Line[]) => Promise<void>;
  readonly classify: (error: unknown) => Failure;
};

export type RecordingQueue = {
  /**
   * @param bytes of its lines
   * @param patient whether nobody waits for its record: it may then wait a moment for others that share its batch
   */
  readonly add: (parcel: Parcel, options: { readonly bytes: number; readonly patient?: boolean }) => void;
  /** How many parcels wait, and their bytes. */
  readonly waiting: () => { readonly parcels: number; readonly bytes: number };
  /** Resolves when fewer than this many parcels wait. */
  readonly below: (parcels: number) => Promise<void>;
  /** Resolves when nothing waits and nothing is in flight; never in an outage. */
  readonly drained: () => Promise<void>;
  /** Forgets the parcels that wait. → the lines of spool rows among them, whose parcels hold one line each. */
  readonly clear: () => Line[];
};

/** One batch parses while the other commits. */
const IN_FLIGHT = 2;
/** After a full one more is there already: the database is then never without a batch to work at. */
const IN_FLIGHT_AFTER_FULL = 3;
/** A transaction costs as much as some 25 orders; one at such a distance is next to nothing. */
const LINGER_MS = 20;
/** So much need not wait for more. */
const ENOUGH = { parcels: 64, bytes: 64 * 1024 };

/**
 * Batches adapt to the load: a batch is whatever arrived while the ones before it were committing, so it is one line
 * under light load and hundreds under heavy load. In between, what nobody waits for begins no batch within
 * `LINGER_MS` of the last one: many small transactions would take the processor from whoever accepts orders.
 */
export function createRecordingQueue({ protocol, ...options }: RecordingQueueOptions): RecordingQueue {
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let inFlight = 0;
  let wasFull = false;
  let scheduled = false;
  let isAwaited = false;
  let beganAt = Number.NEGATIVE_INFINITY;
  let isLingering = false;
  let watchers: { met: () => boolean; resolve: () => void }[] = [];

  function take(): Line[] {
    const { lines, exhausted, isFull } = takeLines(waiting, options);
    for (const { bytes } of waiting.slice(0, exhausted)) waitingBytes -= bytes;
    waiting = waiting.slice(exhausted);
    if (waiting.length === 0) isAwaited = false;
    wasFull = isFull;
    return lines;
  }

  async function run(batch: readonly Line[]): Promise<void> {
    inFlight++;
    beganAt = performance.now();
    protocol.report({ kind: "batch_started" });
    try {
      await options.record(batch);
      inFlight--;
      for (const line of batch) line.settle();
      protocol.report({ kind: "batch_recorded" });
    } catch (error) {
      inFlight--;
      protocol.report({ kind: "batch_stalled", lines: batch, failure: options.classify(error) });
    }
    pump();
  }

  /** → for how many milliseconds nothing is to begin yet. */
  function lingerLeft(): number {
    const isEnough = waiting.length >= ENOUGH.parcels || waitingBytes >= ENOUGH.bytes;
    return waiting.length === 0 || isAwaited || isEnough || wasFull ? 0 : beganAt + LINGER_MS - performance.now();
  }

  function linger(ms: number): void {
    if (isLingering) return;
    isLingering = true;
    setTimeout(() => {
      isLingering = false;
      pump();
    }, Math.ceil(ms));
  }

  function pump(): void {
    scheduled = false;
    const lingerMs = lingerLeft();
    if (lingerMs > 0) linger(lingerMs);
    else startBatches();
    const met = watchers.filter((watcher) => watcher.met());
    if (met.length === 0) return;
    watchers = watchers.filter((watcher) => !met.includes(watcher));
    for (const watcher of met) watcher.resolve();
  }

  function startBatches(): void {
    while (
      waiting.length > 0 &&
      mayStartBatch(protocol.state()) &&
      inFlight < (wasFull ? IN_FLIGHT_AFTER_FULL : IN_FLIGHT)
    ) {
      const batch = take();
      if (batch.length > 0) void run(batch);
    }
  }

  /** Deliveries that one read of the socket brings arrive one by one: all of them make one batch. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(pump);
  }

  function until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => watchers.push({ met, resolve }));
  }

  protocol.onChange(() => {
    if (waiting.length > 0 || watchers.length > 0) schedule();
  });
  return {
    add(parcel, { bytes, patient = false }) {
      waiting.push({ parcel, bytes });
      waitingBytes += bytes;
      if (!patient) isAwaited = true;
      schedule();
    },
    waiting: () => ({ parcels: waiting.length, bytes: waitingBytes }),
    below: (parcels) => until(() => waiting.length < parcels),
    drained: () => until(() => waiting.length === 0 && inFlight === 0),
    clear() {
      const rows: Line[] = [];
      for (const { parcel } of waiting) {
        const { value: line } = parcel.next();
        if (line?.spoolId !== undefined) rows.push(line);
      }
      [waiting, waitingBytes, isAwaited] = [[], 0, false];
      schedule();
      return rows;
    },
  };
}

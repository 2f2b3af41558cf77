import type { Line, Parcel } from "./line.ts";

export type RecordingQueueOptions = {
  /** Records lines, all or none of them; throws on an outage. */
  readonly record: (lines: readonly Line[]) => Promise<void>;
  /** Takes over the lines of a batch that met an outage. The queue stands still until it is resumed. */
  readonly onOutage: (stalled: readonly Line[], error: unknown) => void;
  readonly maxLines: number;
  readonly maxBytes: number;
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
  /** Resolves when nothing waits and nothing is in flight; never while it stands still. */
  readonly drained: () => Promise<void>;
  /** Resolves when nothing is in flight. */
  readonly quiet: () => Promise<void>;
  /** Runs work while nothing else is in flight. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  readonly hold: () => void;
  readonly resume: () => void;
  /** Forgets the parcels that wait. → the lines of spool rows among them, whose parcels hold one line each. */
  readonly clear: () => Line[];
};

/** One batch parses while the other commits. */
const IN_FLIGHT = 2;
/** After a full one more is there already: the database is then never without a batch to work at. */
const IN_FLIGHT_AFTER_FULL = 3;
/** A transaction costs as much as some 25 orders; one at such a distance is next to nothing. */
const PATIENCE_MS = 20;
/** So much need not wait for more. */
const ENOUGH = { parcels: 64, bytes: 64 * 1024 };

/**
 * Batches adapt to the load: a batch is whatever arrived while the ones before it were committing, so it is one line
 * under light load and hundreds under heavy load. In between, what nobody waits for begins no batch within
 * `PATIENCE_MS` of the last one: many small transactions would take the processor from whoever accepts orders.
 */
export function createRecordingQueue(options: RecordingQueueOptions): RecordingQueue {
  let waiting: { readonly parcel: Parcel; readonly bytes: number }[] = [];
  let waitingBytes = 0;
  let inFlight = 0;
  let wasFull = false;
  let held = false;
  let reserved = false;
  let scheduled = false;
  let isAwaited = false;
  let beganAt = Number.NEGATIVE_INFINITY;
  let isResting = false;
  let watchers: { met: () => boolean; resolve: () => void }[] = [];

  function take(): Line[] {
    const batch: Line[] = [];
    let bytes = 0;
    let emptied = 0;
    for (const { parcel, bytes: told } of waiting) {
      let next = parcel.next();
      while (!next.done) {
        batch.push(next.value);
        bytes += next.value.body.length;
        if (batch.length >= options.maxLines || bytes >= options.maxBytes) break;
        next = parcel.next();
      }
      if (!next.done) break;
      emptied++;
      waitingBytes -= told;
    }
    waiting = waiting.slice(emptied);
    if (waiting.length === 0) isAwaited = false;
    wasFull = batch.length >= options.maxLines || bytes >= options.maxBytes;
    return batch;
  }

  async function run(batch: readonly Line[]): Promise<void> {
    inFlight++;
    beganAt = performance.now();
    try {
      await options.record(batch);
      for (const line of batch) line.settle();
    } catch (error) {
      held = true;
      options.onOutage(batch, error);
    } finally {
      inFlight--;
      pump();
    }
  }

  /** → for how many milliseconds nothing is to begin yet. */
  function restLeft(): number {
    const isEnough = waiting.length >= ENOUGH.parcels || waitingBytes >= ENOUGH.bytes;
    return waiting.length === 0 || isAwaited || isEnough || wasFull ? 0 : beganAt + PATIENCE_MS - performance.now();
  }

  function rest(ms: number): void {
    if (isResting) return;
    isResting = true;
    setTimeout(() => {
      isResting = false;
      pump();
    }, Math.ceil(ms));
  }

  function pump(): void {
    scheduled = false;
    const restMs = restLeft();
    if (restMs > 0) rest(restMs);
    else startBatches();
    const met = watchers.filter((watcher) => watcher.met());
    if (met.length === 0) return;
    watchers = watchers.filter((watcher) => !met.includes(watcher));
    for (const watcher of met) watcher.resolve();
  }

  function startBatches(): void {
    while (!held && !reserved && inFlight < (wasFull ? IN_FLIGHT_AFTER_FULL : IN_FLIGHT) && waiting.length > 0) {
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
    quiet: () => until(() => inFlight === 0),
    async alone(work) {
      await until(() => !reserved);
      reserved = true;
      try {
        await until(() => inFlight === 0);
        await work();
      } finally {
        reserved = false;
        schedule();
      }
    },
    hold() {
      held = true;
    },
    resume() {
      held = false;
      schedule();
    },
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

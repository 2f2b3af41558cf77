import type { Failure } from "@pedidos/persistence";
import type { Line, Lines } from "../lines/line.ts";
import type { Protocol } from "../protocol/open-protocol.ts";
import { mayStartBatch } from "../protocol/protocol.ts";
import { type BatchLimits, openBacklog } from "./backlog.ts";

export type RecordingQueueOptions = BatchLimits & {
  readonly protocol: Protocol;
  /** Records lines, or keeps them where they are tried again; throws if it can do neither. */
  readonly record: (lines: readonly Line[]) => Promise<void>;
  readonly classify: (error: unknown) => Failure;
};

export type RecordingQueue = ReturnType<typeof openRecordingQueue>;

/** One batch parses while the other commits. */
const IN_FLIGHT = 2;
/** After a full one more is there already: the database is then never without a batch to work at. */
const IN_FLIGHT_AFTER_FULL = 3;
/** A transaction costs as much as some 25 orders; one at such a distance is next to nothing. */
const LINGER_MS = 20;

/**
 * Batches adapt to the load: a batch is all that arrived while the ones before it were committing, so it is one line
 * under light load and hundreds under heavy load. In between, a line that is not awaited begins no batch within
 * `LINGER_MS` of the last one: many small transactions would take the processor from the API.
 */
export function openRecordingQueue({ protocol, record, classify, ...limits }: RecordingQueueOptions) {
  const backlog = openBacklog(limits);
  let [inFlight, beganAt] = [0, Number.NEGATIVE_INFINITY];
  let [wasFull, isScheduled, isLingering] = [false, false, false];

  async function run(batch: readonly Line[]): Promise<void> {
    inFlight++;
    beganAt = performance.now();
    protocol.report({ kind: "batch_started" });
    try {
      await record(batch);
      inFlight--;
      for (const line of batch) line.settle();
      protocol.report({ kind: "batch_recorded" });
    } catch (error) {
      inFlight--;
      protocol.report({ kind: "batch_stalled", lines: batch, failure: classify(error) });
    }
    pump();
  }

  function startBatches(): void {
    while (
      backlog.size().entries > 0 &&
      mayStartBatch(protocol.state()) &&
      inFlight < (wasFull ? IN_FLIGHT_AFTER_FULL : IN_FLIGHT)
    ) {
      const { lines, isFull } = backlog.take();
      wasFull = isFull;
      if (lines.length > 0) void run(lines);
    }
  }

  function pump(): void {
    isScheduled = false;
    const lingerMs = backlog.mayLinger() && !wasFull ? beganAt + LINGER_MS - performance.now() : 0;
    if (lingerMs > 0) linger(lingerMs);
    else startBatches();
    protocol.check();
  }

  function linger(ms: number): void {
    if (isLingering) return;
    isLingering = true;
    setTimeout(() => {
      isLingering = false;
      pump();
    }, Math.ceil(ms));
  }

  /** Deliveries that one read of the socket brings arrive one by one: all of them make one batch. */
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(pump);
  }

  protocol.onChange(() => {
    if (backlog.size().entries > 0) schedule();
  });
  return {
    /**
     * @param bytes of its lines
     * @param mayLinger whether nobody waits for its record: it may then wait a moment for others that share its batch
     */
    add(lines: Lines, { bytes, mayLinger = false }: { readonly bytes: number; readonly mayLinger?: boolean }): void {
      backlog.add(lines, { bytes, mayLinger });
      schedule();
    },
    /** How many messages and spool rows are pending, and their bytes. */
    pending: backlog.size,
    /** Resolves when fewer than this many messages and rows are pending. */
    below: (entries: number) => protocol.until(() => backlog.size().entries < entries),
    /** Resolves when nothing is pending or in flight; never in an outage. */
    drained: () => protocol.until(() => backlog.size().entries === 0 && inFlight === 0),
    /** Forgets what is pending. → the lines of spool rows among it */
    clear(): Line[] {
      const rows = backlog.clear();
      schedule();
      return rows;
    },
  };
}

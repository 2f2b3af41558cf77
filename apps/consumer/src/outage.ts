import { setTimeout as wait } from "node:timers/promises";
import type { Interrupted } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Line } from "./line.ts";
import type { RecorderStore } from "./recorder-store.ts";
import type { RecordingQueue } from "./recording-queue.ts";

export type OutageOptions = {
  readonly store: Pick<RecorderStore, "ping" | "spool" | "release">;
  readonly queue: Pick<RecordingQueue, "hold" | "resume" | "clear" | "quiet">;
  /** Hands the broker back what is not acknowledged, and takes deliveries again. */
  readonly broker: { readonly pause: () => Promise<void>; readonly resume: () => void };
  readonly log: Log;
};

export type Outage = {
  readonly active: () => boolean;
  /**
   * Takes over lines whose recording met an outage, and holds everything until the database answers again.
   *
   * @param alone they were tried alone: that try counts, for one of them may be what ends the database
   */
  readonly begin: (lines: readonly Line[], error: unknown, options?: { alone: boolean }) => void;
  /** Resolves when an outage begins. */
  readonly begun: () => Promise<void>;
  /** Resolves when the database answers again and what was in flight is dealt with, or when stopped. */
  readonly over: () => Promise<void>;
  readonly stop: () => void;
};

/**
 * Longer outages hand back what the broker waits for: it would close the channel of whoever holds a delivery too long.
 * Shorter ones, such as a restart of the database, cost no delivery.
 */
const HAND_BACK_AFTER_MS = 5_000;
const PROBE_MS = { first: 100, most: 1_000 };

/**
 * What happens when the database is away: consumption stands still, nothing is rejected. What was in flight when it
 * began is tried alone next; so if a row of it is what brings the database down, it is found, and nobody else pays.
 */
export function createOutage({ store, queue, broker, log }: OutageOptions): Outage {
  let running: Promise<void> | undefined;
  let stopped = false;
  let told = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let stalled: Stalled[] = [];

  /** → whether deliveries were handed back meanwhile. */
  async function untilItAnswers(): Promise<boolean> {
    const began = performance.now();
    let handedBack = false;
    for (let delay = PROBE_MS.first; !stopped; delay = Math.min(delay * 2, PROBE_MS.most)) {
      await wait(delay);
      try {
        await store.ping();
        return handedBack;
      } catch (error) {
        if (handedBack || performance.now() - began < HAND_BACK_AFTER_MS) continue;
        handedBack = true;
        log.warn({ err: error }, "the database is still away: handing back what is not recorded");
        // Spool rows that have waited, and were not tried, are given back with the others.
        for (const line of queue.clear()) stalled.push({ line, was: "untried" });
        await broker.pause();
      }
    }
    return handedBack;
  }

  /** Spool rows are given back; lines that the broker still holds move to the spool, unless they were handed back. */
  async function dealWithStalled(handedBack: boolean): Promise<void> {
    await queue.quiet();
    for (const was of ["untried", "interrupted", "tried_alone"] as const)
      await dealWith(
        (one) => one.line.spoolId !== undefined && one.was === was,
        (lines) => store.release(idsOf(lines), was),
      );
    await dealWith(
      ({ line }) => line.spoolId === undefined,
      async (lines) => {
        if (!handedBack)
          await store.spool(
            lines.map(({ source, body, tries, traceparent }) => ({ source, body, tries, traceparent, suspect: true })),
          );
        for (const line of lines) line.settle();
      },
    );
  }

  /** What fails is dealt with again, what is done is not, and what stalls meanwhile stays for the next time. */
  async function dealWith(matches: (s: Stalled) => boolean, act: (lines: Line[]) => Promise<void>): Promise<void> {
    const chosen = new Set(stalled.filter(matches));
    if (chosen.size === 0) return;
    await act([...chosen].map(({ line }) => line));
    stalled = stalled.filter((one) => !chosen.has(one));
  }

  async function run(): Promise<void> {
    let handedBack = false;
    while (!stopped) {
      handedBack = (await untilItAnswers()) || handedBack;
      if (stopped) return;
      try {
        await dealWithStalled(handedBack);
      } catch (error) {
        log.warn({ err: error }, "the database went away again");
      }
      if (stalled.length === 0) break;
    }
    log.info("the database answers again");
    running = undefined;
    told = Promise.withResolvers();
    queue.resume();
    if (handedBack) broker.resume();
  }

  return {
    active: () => running !== undefined,
    begin(lines, error, { alone } = { alone: false }) {
      for (const line of lines) stalled.push({ line, was: alone ? "tried_alone" : "interrupted" });
      if (running !== undefined) return;
      log.warn({ err: error, lines: lines.length }, "the database can't record: waiting until it answers");
      queue.hold();
      running = run();
      told.resolve();
    },
    begun: () => told.promise,
    over: () => Promise.race([running ?? Promise.resolve(), ended.promise]),
    stop() {
      stopped = true;
      ended.resolve();
    },
  };
}

type Stalled = { readonly line: Line; readonly was: Interrupted };

function idsOf(lines: readonly Line[]): number[] {
  return lines.flatMap((line) => line.spoolId ?? []);
}

import { setTimeout as wait } from "node:timers/promises";
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
  let stalled: { line: Line; alone: boolean }[] = [];

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
        queue.clear();
        await broker.pause();
      }
    }
    return handedBack;
  }

  /** Spool rows are given back; lines that the broker still holds move to the spool, unless they were handed back. */
  async function dealWithStalled(handedBack: boolean): Promise<void> {
    await queue.quiet();
    const rows = stalled.filter((s) => s.line.spoolId !== undefined);
    const ids = (alone: boolean) => rows.filter((s) => s.alone === alone).flatMap((s) => s.line.spoolId ?? []);
    const delivered = handedBack ? [] : stalled.filter((s) => s.line.spoolId === undefined).map((s) => s.line);
    if (ids(false).length > 0) await store.release(ids(false), { uncounted: true });
    if (ids(true).length > 0) await store.release(ids(true), { uncounted: false });
    stalled = stalled.filter((s) => s.line.spoolId === undefined);
    if (delivered.length > 0)
      await store.spool(delivered.map(({ source, body, tries }) => ({ source, body, tries, suspect: true })));
    for (const line of delivered) line.settle();
    stalled = [];
  }

  async function run(): Promise<void> {
    let handedBack = false;
    while (!stopped) {
      handedBack = (await untilItAnswers()) || handedBack;
      if (stopped) return;
      try {
        await dealWithStalled(handedBack);
        break;
      } catch (error) {
        log.warn({ err: error }, "the database went away again");
      }
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
      stalled.push(...lines.map((line) => ({ line, alone })));
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

import { setTimeout as wait } from "node:timers/promises";
import type { IncomingOrder } from "@pedidos/domain";
import type { RecorderStore } from "@pedidos/persistence";
import type { RecordingQueue } from "../batches/recording-queue.ts";
import type { Protocol } from "../protocol/open-protocol.ts";
import { mayClaim } from "../protocol/protocol.ts";
import { type SpoolLoop, toLine } from "./spool-loop.ts";

export type SpoolAndRecordDeps = {
  readonly store: Pick<RecorderStore, "spool" | "spoolClaimed">;
  readonly queue: Pick<RecordingQueue, "add" | "pending" | "below">;
  readonly spoolLoop: Pick<SpoolLoop, "wake" | "isDrained">;
  readonly protocol: Pick<Protocol, "state">;
};

/** Far less than is recorded within a lease, or the rows would be claimed a second time. */
const MOST_PENDING = { entries: 2_000, bytes: 16 * 1024 * 1024 };
/** Enough for recording never to be without a full batch. */
const PLENTY_PENDING = 1_000;
const PATIENCE_MS = 200;

/**
 * Takes orders into the spool and goes on with them from memory: a third of the work less than having the loop claim
 * them. Where something else is pending before them, or too much, or recording is paused, they wait in the spool for the
 * loop, in their order.
 */
export async function spoolAndRecord(deps: SpoolAndRecordDeps, orders: readonly IncomingOrder[]): Promise<void> {
  const { store, queue, spoolLoop } = deps;
  const { entries, bytes } = queue.pending();
  if (entries < MOST_PENDING.entries && bytes < MOST_PENDING.bytes && goesOnFromMemory(deps)) {
    for (const row of await store.spoolClaimed(orders)) queue.add([toLine(row)].values(), { bytes: row.body.length });
    return;
  }
  // Also before they are written: orders that arrive meanwhile must not overtake them.
  spoolLoop.wake();
  await store.spool(orders);
  spoolLoop.wake();
}

/**
 * Resolves when little enough is pending in memory that more can follow it there, or after a moment: for callers that have
 * many orders and can wait. Sent as fast as they are spooled, most would be claimed and read from the spool again.
 */
export async function awaitCapacity(deps: SpoolAndRecordDeps): Promise<void> {
  if (deps.queue.pending().entries < PLENTY_PENDING || !goesOnFromMemory(deps)) return;
  await Promise.race([deps.queue.below(PLENTY_PENDING), wait(PATIENCE_MS)]);
}

function goesOnFromMemory({ spoolLoop, protocol }: SpoolAndRecordDeps): boolean {
  return spoolLoop.isDrained() && mayClaim(protocol.state());
}

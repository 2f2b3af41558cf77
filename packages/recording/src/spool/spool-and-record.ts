import { setTimeout as wait } from "node:timers/promises";
import type { IncomingOrder } from "@pedidos/domain";
import type { RecorderStore } from "@pedidos/persistence";
import type { RecordingQueue } from "../batches/recording-queue.ts";
import type { Protocol } from "../protocol/open-protocol.ts";
import { mayClaim } from "../protocol/protocol.ts";
import { type SpoolLoop, toLine } from "./spool-loop.ts";

export type SpoolAndRecordDeps = {
  readonly store: Pick<RecorderStore, "spool" | "spoolClaimed">;
  readonly queue: Pick<RecordingQueue, "add" | "waiting" | "below">;
  readonly spoolLoop: Pick<SpoolLoop, "wake" | "isDrained">;
  readonly protocol: Pick<Protocol, "state">;
};

/** What may wait in memory. Far less than is recorded within a lease, or the rows would be claimed a second time. */
const MOST_WAITING = { entries: 2_000, bytes: 16 * 1024 * 1024 };
/** Enough for recording never to be without a full batch. */
const PLENTY_WAITING = 1_000;
const ROOM_PATIENCE_MS = 200;

/**
 * Takes orders into the spool and goes on with them from memory: a third of the work less than having the loop claim
 * them. Where something else waits before them, or too much, or recording is paused, they wait in the spool for the loop, in
 * their order.
 */
export async function spoolAndRecord(deps: SpoolAndRecordDeps, orders: readonly IncomingOrder[]): Promise<void> {
  const { store, queue, spoolLoop } = deps;
  const { entries, bytes } = queue.waiting();
  const hasRoom = entries < MOST_WAITING.entries && bytes < MOST_WAITING.bytes;
  if (hasRoom && goesOnFromMemory(deps)) {
    for (const row of await store.spoolClaimed(orders)) queue.add([toLine(row)].values(), { bytes: row.body.length });
    return;
  }
  // Told before as well: whoever comes while these are being written must not overtake them.
  spoolLoop.wake();
  await store.spool(orders);
  spoolLoop.wake();
}

/**
 * Resolves when little enough waits in memory that more can follow it there, or after a moment: for who has many orders and
 * can wait. Sent as fast as they are spooled, most would wait in the spool, be claimed, and be read from it again.
 */
export async function awaitRoom(deps: Omit<SpoolAndRecordDeps, "store">): Promise<void> {
  if (deps.queue.waiting().entries < PLENTY_WAITING || !goesOnFromMemory(deps)) return;
  await Promise.race([deps.queue.below(PLENTY_WAITING), wait(ROOM_PATIENCE_MS)]);
}

function goesOnFromMemory({ spoolLoop, protocol }: Omit<SpoolAndRecordDeps, "store">): boolean {
  return spoolLoop.isDrained() && mayClaim(protocol.state());
}

import type { PublishOutcome } from "@pedidos/broker";
import type { IncomingOrder, Order } from "@pedidos/domain";
import { type Identity, identityOf } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import type { Outcome, Outcomes } from "./await-outcomes.ts";
import { gather } from "./gather.ts";

/** What becomes of orders that were handed in: durable, or not known to be kept. */
export type Acceptance = "accepted" | "unavailable";

export type Intake = {
  /**
   * Makes orders durable by one of the two roads: the broker, and if that does not confirm, the spool table.
   * Settles within 2 s. "unavailable" does not say that nothing was kept; sending the same again is safe.
   *
   * @param orders of one source; `writeOrder` makes their bodies
   */
  accept(orders: readonly IncomingOrder[]): Promise<Acceptance>;
};

export type IntakeRoads = {
  /** Publishes orders as one persistent message. Left out if there is no broker (the standalone). */
  readonly publish?: (orders: readonly IncomingOrder[]) => Promise<PublishOutcome>;
  /** Writes orders to the spool table; resolves once they are committed. */
  readonly spool: (orders: readonly IncomingOrder[]) => Promise<void>;
};

/** Where an order goes, and where its outcome is awaited. */
export type Submitting = {
  readonly intake: Intake;
  readonly outcomes: Outcomes<Identity>;
  /** Resolves when more of a batch may follow, which can wait: if this process also records, until it keeps up. */
  readonly awaitCapacity?: (() => Promise<void>) | undefined;
};

/** Orders of one message, and its bytes: beyond them an order costs no less. */
export const MESSAGE_LIMITS = { maxItems: 64, maxBytes: 256 * 1024 };

/** Of each road. `patienceMs` of both, and what lies around them, stay under the 2 s in which intake answers. */
const WAITING = { maxWaitingItems: 20_000, maxWaitingBytes: 64 * 1024 * 1024, patienceMs: 900 };
/** A message costs as much as some 20 orders; one every few milliseconds is next to nothing, and a slow confirm is not. */
const LINGER_MS = 3;
const PUBLISHING = { ...MESSAGE_LIMITS, ...WAITING, maxInFlight: 64, lingerMs: LINGER_MS };
const SPOOLING = { maxItems: 512, maxBytes: 2 * 1024 * 1024, ...WAITING, maxInFlight: 2, lingerMs: LINGER_MS };

/**
 * Makes an order durable, then waits for its outcome if there is time for that.
 *
 * @param waitMs 0 for not at all
 * @param isGone whether nobody waits for the answer any more
 * @returns "pending" if it is accepted, and not known to be recorded yet
 */
export async function acceptOrder(
  { intake, outcomes }: Submitting,
  order: Order,
  incoming: IncomingOrder,
  { waitMs, isGone }: { readonly waitMs: number; readonly isGone: () => boolean },
): Promise<Outcome | { readonly kind: "unavailable" }> {
  const awaited = waitMs > 0;
  const acceptance = await intake.accept([awaited ? { ...incoming, awaited } : incoming]);
  if (acceptance === "unavailable") return { kind: "unavailable" };
  return awaited ? await outcomes.wait(identityOf(order), waitMs, isGone) : { kind: "pending" };
}

/** Opens the two roads. Nothing is connected here, and either road may be away from the start. */
export function openIntake({ publish, spool }: IntakeRoads, log: Pick<Log, "info" | "warn">): Intake {
  const note = logChanges(log);
  const spooling = gather<IncomingOrder, Acceptance>({
    async run(orders) {
      try {
        await spool(orders);
        note.spool("up");
        return "accepted";
      } catch (error) {
        note.spool("down", error);
        return "unavailable";
      }
    },
    ...SPOOLING,
    refused: "unavailable",
  });
  if (publish === undefined) return { accept: (orders) => spooling.add(orders, sizeOf(orders)) };

  const publishing = gather<IncomingOrder, PublishOutcome>({ run: publish, ...PUBLISHING, refused: "unavailable" });
  return {
    async accept(orders) {
      const bytes = sizeOf(orders);
      const outcome = await publishing.add(orders, bytes);
      note.broker(outcome);
      return outcome === "confirmed" ? "accepted" : await spooling.add(orders, bytes);
    },
  };
}

function sizeOf(orders: readonly IncomingOrder[]): number {
  let bytes = 0;
  for (const { body } of orders) bytes += body.length;
  return bytes;
}

/** One line when a road changes, not one an order. */
function logChanges(log: Pick<Log, "info" | "warn">) {
  let [broker, spool] = ["confirmed", "up"];
  return {
    broker(outcome: PublishOutcome): void {
      if (outcome === broker) return;
      broker = outcome;
      if (outcome === "confirmed") log.info("the broker confirms again");
      else log.warn({ outcome }, "the broker does not confirm; orders go to the spool");
    },
    spool(state: "up" | "down", error?: unknown): void {
      if (state === spool) return;
      spool = state;
      if (state === "up") log.info("the spool takes orders again");
      else log.warn({ err: error }, "the spool takes no orders");
    },
  };
}

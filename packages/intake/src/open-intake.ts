import type { PublishOutcome } from "@pedidos/messaging";
import type { Log } from "@pedidos/process";
import { gather } from "./gather.ts";

/** What becomes of orders that were handed in: durable, or not known to be kept. */
export type Acceptance = "accepted" | "unavailable";

export type Intake = {
  /**
   * Makes orders durable by one of the two roads: the broker, and where that does not confirm, the spool table.
   * Settles within 2 s. "unavailable" does not say that nothing was kept; sending the same again is safe.
   *
   * @param bodies orders as `writeOrder` makes them, in UTF-8, one each.
   */
  accept(bodies: readonly Uint8Array[]): Promise<Acceptance>;
};

export type IntakeRoads = {
  /** Publishes orders as one persistent message. Left out where there is no broker (the standalone). */
  readonly publish?: (bodies: readonly Uint8Array[]) => Promise<PublishOutcome>;
  /** Writes orders to the spool table; resolves once they are committed. */
  readonly spool: (bodies: readonly Uint8Array[]) => Promise<void>;
  readonly log: Pick<Log, "info" | "warn">;
};

/** Orders of one message, and its bytes: beyond them an order costs no less. */
export const MESSAGE_LIMITS = { maxItems: 64, maxBytes: 256 * 1024 };

/** A message costs as much as some 20 orders; one every few milliseconds is next to nothing, and a slow confirm is not. */
const LINGER_MS = 3;

/** The two together, and what lies around them, stay under the 2 s in which intake answers. */
const PUBLISH_PATIENCE_MS = 900;
const SPOOL_PATIENCE_MS = 900;

/** Opens the two roads. Nothing is connected here, and either road may be away from the start. */
export function openIntake({ publish, spool, log }: IntakeRoads): Intake {
  const tell = tellChanges(log);
  const spooling = gather<Uint8Array, Acceptance>({
    run: (bodies) =>
      spool(bodies).then(
        () => {
          tell.spool("up");
          return "accepted";
        },
        (error: unknown) => {
          tell.spool("down", error);
          return "unavailable";
        },
      ),
    maxItems: 512,
    maxBytes: 2 * 1024 * 1024,
    maxInFlight: 2,
    lingerMs: LINGER_MS,
    maxWaitingItems: 20_000,
    maxWaitingBytes: 64 * 1024 * 1024,
    patienceMs: SPOOL_PATIENCE_MS,
    refused: "unavailable",
  });
  if (publish === undefined) return { accept: (bodies) => spooling.add(bodies, sizeOf(bodies)) };

  const publishing = gather<Uint8Array, PublishOutcome>({
    run: (bodies) => publish(bodies),
    ...MESSAGE_LIMITS,
    maxInFlight: 64,
    lingerMs: LINGER_MS,
    maxWaitingItems: 20_000,
    maxWaitingBytes: 64 * 1024 * 1024,
    patienceMs: PUBLISH_PATIENCE_MS,
    refused: "unavailable",
  });
  return {
    async accept(bodies) {
      const bytes = sizeOf(bodies);
      const outcome = await publishing.add(bodies, bytes);
      tell.broker(outcome);
      return outcome === "confirmed" ? "accepted" : await spooling.add(bodies, bytes);
    },
  };
}

function sizeOf(bodies: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const body of bodies) bytes += body.length;
  return bytes;
}

/** One line where a road changes, not one an order. */
function tellChanges(log: Pick<Log, "info" | "warn">) {
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

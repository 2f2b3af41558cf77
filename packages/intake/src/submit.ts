import type { IncomingMessage } from "node:http";
import type { Order } from "@pedidos/domain";
import { type Identity, identityOf } from "@pedidos/persistence";
import type { Outcome, Outcomes } from "./await-outcomes.ts";
import type { Intake } from "./open-intake.ts";

/** Where an order goes, and where it is asked what became of it. */
export type Submitting = {
  readonly intake: Intake;
  readonly outcomes: Outcomes<Identity>;
  /** Awaited before each message of a batch, which can wait: where this process also records, until it keeps up. */
  readonly room?: (() => Promise<void>) | undefined;
  /** Notes that somebody waits for the record of this order, before it is handed in. */
  readonly hurry?: ((body: Uint8Array) => void) | undefined;
  /** Where traces are on: notes whose orders these are, before they are handed in. */
  readonly carry?: ((request: IncomingMessage, bodies: readonly Uint8Array[]) => void) | undefined;
};

/** "pending" is what is accepted, and not known to be recorded yet. */
export type Submitted = Outcome | { readonly kind: "unavailable" };

/**
 * Makes an order durable, then waits for its outcome if there is time for that.
 *
 * @param body the order as it travels
 * @param isGone whether nobody waits for the answer any more
 */
export async function submit(
  { intake, outcomes, hurry }: Submitting,
  order: Order,
  body: Uint8Array,
  waitMs: number,
  isGone: () => boolean,
): Promise<Submitted> {
  if (waitMs > 0) hurry?.(body);
  if ((await intake.accept([body])) === "unavailable") return { kind: "unavailable" };
  return waitMs > 0 ? await outcomes.wait(identityOf(order), waitMs, isGone) : { kind: "pending" };
}

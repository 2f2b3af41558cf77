import type { IncomingOrder, Order } from "@pedidos/domain";
import { type Identity, identityOf } from "@pedidos/persistence";
import type { Outcome, Outcomes } from "./await-outcomes.ts";
import type { Intake } from "./open-intake.ts";

/** Where an order goes, and where it is asked what became of it. */
export type Submitting = {
  readonly intake: Intake;
  readonly outcomes: Outcomes<Identity>;
  /** Resolves when more of a batch may follow, which can wait: where this process also records, until it keeps up. */
  readonly room?: (() => Promise<void>) | undefined;
};

/** "pending" is what is accepted, and not known to be recorded yet. */
export type Submitted = Outcome | { readonly kind: "unavailable" };

/** How long whoever handed an order in waits for its record, 0 for not at all, and whether they have gone. */
export type Waiting = { readonly waitMs: number; readonly isGone: () => boolean };

/** Makes an order durable, then waits for its outcome if there is time for that. */
export async function acceptOrder(
  { intake, outcomes }: Submitting,
  order: Order,
  incoming: IncomingOrder,
  { waitMs, isGone }: Waiting,
): Promise<Submitted> {
  const awaited = waitMs > 0;
  const acceptance = await intake.accept([awaited ? { ...incoming, awaited } : incoming]);
  if (acceptance === "unavailable") return { kind: "unavailable" };
  return awaited ? await outcomes.wait(identityOf(order), waitMs, isGone) : { kind: "pending" };
}

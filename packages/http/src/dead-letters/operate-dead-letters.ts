import type { IntakeBroker } from "@pedidos/broker";
import { INTAKE_QUEUE } from "@pedidos/domain";
import type { AuditEntry, PerformedBy } from "@pedidos/persistence";
import pLimit from "p-limit";

export type DeadLetterParts = {
  readonly broker: Pick<IntakeBroker, "deadLetters" | "requeue">;
  /** Does work while no other process does; "busy" if its lease is not granted in time. Rejects without the database. */
  readonly runExclusively: <Result>(work: () => Promise<Result>) => Promise<Result | "busy">;
  readonly writeAudit: (entry: AuditEntry) => Promise<void>;
};

/** What one inspection may read, of all that are listed. */
const MOST_BYTES = 32 * 1024 * 1024;

export type DeadLetterOperations = ReturnType<typeof operateDeadLetters>;

/** What is done with the dead letters by hand, one thing at a time. "busy": somebody else inspects them just now. */
export function operateDeadLetters({ broker: { deadLetters, requeue }, runExclusively, writeAudit }: DeadLetterParts) {
  const oneAtATime = pLimit(1);
  return {
    /** → the oldest ones, and how many there are; they stay. */
    list: (count: number) =>
      oneAtATime(async () => {
        const read = () => deadLetters.read({ count, bytes: MOST_BYTES });
        // Without the database nothing limits concurrent inspections, which may change the order; seeing is worth more.
        return await runExclusively(read).catch(read);
      }),
    /** Puts one back to the queue it came from. */
    requeue: (deadLetterId: string, by: PerformedBy) =>
      oneAtATime(async () => {
        const taken = await runExclusively(() =>
          deadLetters.take(deadLetterId, async (deadLetter) => {
            if ((await requeue(deadLetter)) !== "confirmed") return false;
            // Killed after this it comes twice, and is recognised: better than being gone, or put back by nobody.
            const detail = { deadLetterId, queue: deadLetter.queue ?? INTAKE_QUEUE };
            await writeAudit({ ...by, action: "dead_letter.requeued", detail });
            return true;
          }),
        );
        return taken === "taken" ? "requeued" : taken === "kept" ? "unavailable" : taken;
      }),
  };
}

import { type DeadLetter, INTAKE_QUEUE, type IntakeBroker } from "@pedidos/broker";
import type { AuditEntry } from "@pedidos/persistence";
import pLimit from "p-limit";

/** What is done with the dead letters by hand, one thing at a time. */
export type DeadLetterOperations = {
  /** The oldest ones, and how many there are; they stay. "busy": somebody else looks at them just now. */
  readonly list: (
    count: number,
  ) => Promise<{ readonly deadLetters: readonly DeadLetter[]; readonly depth: number } | "busy" | "unavailable">;
  /** Puts one back to the queue it came from. */
  readonly requeue: (
    deadLetterId: string,
    actor: string | null,
  ) => Promise<"requeued" | "not_found" | "busy" | "unavailable">;
};

export type DeadLetterParts = {
  readonly broker: Pick<IntakeBroker, "deadLetters" | "requeue">;
  /** Does work while no other process does; "busy" where its turn does not come. Rejects without the database. */
  readonly runExclusively: <Result>(work: () => Promise<Result>) => Promise<Result | "busy">;
  readonly writeAudit: (entry: AuditEntry) => Promise<void>;
};

/** What one look may read, of all that are listed. */
const MOST_BYTES = 32 * 1024 * 1024;

export function operateDeadLetters({
  broker: { deadLetters, requeue },
  runExclusively,
  writeAudit,
}: DeadLetterParts): DeadLetterOperations {
  const oneAtATime = pLimit(1);

  return {
    list: (count) =>
      oneAtATime(async () => {
        const read = () => deadLetters.read({ count, bytes: MOST_BYTES });
        // Without the database nobody keeps the order of who looks; seeing them is worth more then.
        return await runExclusively(read).catch(read);
      }),
    requeue: (deadLetterId, actor) =>
      oneAtATime(async () => {
        const taken = await runExclusively(() =>
          deadLetters.take(deadLetterId, async (deadLetter) => {
            if ((await requeue(deadLetter)) !== "confirmed") return false;
            // Killed after this it comes twice, and is recognised: better than being gone, or put back by nobody.
            const detail = { deadLetterId, queue: deadLetter.queue ?? INTAKE_QUEUE };
            await writeAudit({ actor, action: "dead_letter.requeued", detail });
            return true;
          }),
        );
        return taken === "taken" ? "requeued" : taken === "kept" ? "unavailable" : taken;
      }),
  };
}

import { timeToSend } from "../publishing/send-message.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { type HoldOptions, holdDeadLetters, LIMIT_MS } from "./hold-dead-letters.ts";

export type DeadLetters = {
  /**
   * The oldest dead letters, of the first 200, and how many there are in all. They stay, in their order.
   *
   * @param limits how many, and how many bytes of them; the first is read whatever its size
   */
  readonly read: (limits: {
    readonly count: number;
    readonly bytes: number;
  }) => Promise<{ readonly deadLetters: DeadLetter[]; readonly depth: number } | "unavailable">;
  /**
   * Finds one among the oldest 200 and hands it to `settle`; where that says so it is removed, else it stays.
   * "unavailable" may come after it was settled; then it may be there still.
   */
  readonly take: (
    deadLetterId: string,
    settle: (deadLetter: DeadLetter) => Promise<boolean>,
  ) => Promise<"taken" | "kept" | "not_found" | "unavailable">;
};

/** The queue of dead letters, to browse and to take one away. Of all processes one at a time may: see {@link holdDeadLetters}. */
export function openDeadLetters(options: HoldOptions): DeadLetters {
  return {
    read({ count, bytes }) {
      let [shown, size] = [0, 0];
      const keep = ({ body }: DeadLetter) => {
        size += body.length;
        return shown++ < count && (shown === 1 || size <= bytes);
      };
      return holdDeadLetters(options, keep, async ({ kept, depth }) => ({
        deadLetters: kept.map(({ deadLetter }) => deadLetter),
        depth,
      }));
    },
    take: (deadLetterId, settle) =>
      holdDeadLetters(
        options,
        (deadLetter) => deadLetter.deadLetterId === deadLetterId,
        async ({ kept: [found], allow }) => {
          if (found === undefined) return "not_found";
          // Beside what it needs on its way back.
          allow(LIMIT_MS + timeToSend(found.deadLetter.body.length));
          if (!(await settle(found.deadLetter))) return "kept";
          found.remove();
          return "taken";
        },
      ),
  };
}

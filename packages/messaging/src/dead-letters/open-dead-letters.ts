import type { DeadLetter, DeadLetters } from "@pedidos/broker";
import { timeToSend } from "../publishing/send-message.ts";
import { type HoldOptions, holdDeadLetters, LIMIT_MS } from "./hold-dead-letters.ts";

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

import { randomBytes } from "node:crypto";

/**
 * "confirmed": the broker has it for good. "refused": a queue that it was routed to has refused it, mostly as it is full;
 * other queues may have it. "unroutable": no queue takes it, it was dropped. "unavailable": it is not known to be kept (it
 * may be).
 */
export type PublishOutcome = "confirmed" | "refused" | "unroutable" | "unavailable";

/** What the broker says to a message; "lost": its channel is gone, so it says nothing any more. */
export type Answer = "ack" | "nack" | "lost";

type Pending = {
  readonly deadline: number;
  readonly bytes: number;
  readonly settle: (outcome: PublishOutcome) => void;
  returned: boolean;
};

const OUTCOMES = { ack: "confirmed", nack: "refused", lost: "unavailable" } as const;

/**
 * The messages that have been sent and not yet been confirmed, each with its deadline.
 *
 * @param overdue is called when a confirm has not come in time; everything is then settled as "unavailable".
 */
export function openUnconfirmed({ timeoutMs, overdue }: { timeoutMs: number; overdue: () => void }) {
  const pending = new Map<string, Pending>();
  const prefix = randomBytes(6).toString("base64url");
  let [sent, bytes] = [0, 0];
  let timer: NodeJS.Timeout | undefined;
  const ended = Promise.withResolvers<void>();
  let isEnding = false;

  function settle(id: string, outcome: PublishOutcome): void {
    const message = pending.get(id);
    if (message === undefined) return;
    pending.delete(id);
    bytes -= message.bytes;
    message.settle(outcome);
    if (isEnding && pending.size === 0) ended.resolve();
  }
  function giveUp(): void {
    for (const id of [...pending.keys()]) settle(id, "unavailable");
  }
  /** One timer for all: the oldest message is the first in the map, and all have the same time. */
  function watch(): void {
    const [oldest] = pending.values();
    timer = oldest && setTimeout(check, Math.max(0, oldest.deadline - performance.now()));
  }
  function check(): void {
    // Confirms that came while the process was busy are read before the verdict.
    setImmediate(() => {
      const [oldest] = pending.values();
      if (oldest === undefined || performance.now() < oldest.deadline) return watch();
      timer = undefined;
      giveUp();
      overdue();
    });
  }

  return {
    /** Sends a message under an id of its own. `send` must have `settle` called once. */
    add(size: number, send: (id: string, settle: (answer: Answer) => void) => void): Promise<PublishOutcome> {
      const id = `${prefix}-${(sent++).toString(36)}`;
      return new Promise((resolve) => {
        const deadline = performance.now() + timeoutMs;
        pending.set(id, { deadline, bytes: size, settle: resolve, returned: false });
        bytes += size;
        if (timer === undefined) watch();
        try {
          send(id, (answer) =>
            settle(id, answer === "ack" && pending.get(id)?.returned ? "unroutable" : OUTCOMES[answer]),
          );
        } catch {
          // The channel closed a moment ago: its end has not been reported yet.
          settle(id, "unavailable");
        }
      });
    },
    /** The broker has returned a message; its confirm comes after. */
    returned(id: string): void {
      const message = pending.get(id);
      if (message !== undefined) message.returned = true;
    },
    giveUp,
    size: () => ({ count: pending.size, bytes }),
    /** Resolves once nothing is unconfirmed. Nothing is added after this. */
    async end(): Promise<void> {
      isEnding = true;
      if (pending.size > 0) await ended.promise;
      clearTimeout(timer);
    },
  };
}

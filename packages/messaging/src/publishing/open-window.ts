import { randomBytes } from "node:crypto";
import type { PublishOutcome } from "@pedidos/broker";
import type { Answer, OutgoingMessage } from "./messages.ts";

/** A connection's channel that takes publishes. */
export type Link = {
  /** Must have `settle` called once, unless the link is lost before. */
  readonly send: (message: OutgoingMessage, id: string, settle: (answer: Answer) => void) => void;
  /** A message found no queue. */
  readonly redeclare: () => void;
};

export type WindowOptions = {
  /** How many messages may be unconfirmed; beyond, "unavailable" at once. */
  readonly window: number;
  /** How long a confirm may take. */
  readonly confirmTimeoutMs: number;
  /** A confirm has not come in time: the link is to be dropped, with all bytes that have not left. */
  readonly overdue: () => void;
};

export type PublishWindow = ReturnType<typeof openWindow>;

/** How many bytes may be unconfirmed; one message of any size may always be. */
const WINDOW_BYTES = 32 * 1024 * 1024;

/** How long after a missing confirm a broker that is asked for nothing is not taken for one that confirms. */
const DOUBT_MS = 5_000;

/** What may be in flight to the broker, over any link; it knows nothing of sockets. */
export function openWindow({ window, confirmTimeoutMs, overdue }: WindowOptions) {
  const unconfirmed = openUnconfirmed({
    timeoutMs: confirmTimeoutMs,
    overdue() {
      doubtedUntil = performance.now() + DOUBT_MS;
      overdue();
    },
  });
  let doubtedUntil = 0;
  let link: Link | undefined;
  let [isBlocked, isClosing] = [false, false];
  const isClosed = () => link === undefined || isBlocked || isClosing;

  async function send(message: OutgoingMessage): Promise<PublishOutcome> {
    if (link === undefined || isClosed()) return "unavailable";
    const bytes = message.body.byteLength;
    const { count, bytes: held } = unconfirmed.size();
    if (count >= window || (count > 0 && held + bytes > WINDOW_BYTES)) return "unavailable";
    const to = link;
    const outcome = await unconfirmed.add(bytes, (id, settle) => to.send(message, id, settle));
    if (outcome === "unroutable" && !isClosing) to.redeclare();
    return outcome;
  }

  return {
    /** Always settles, within `confirmTimeoutMs`. */
    async publish(message: OutgoingMessage): Promise<PublishOutcome> {
      const outcome = await send(message);
      if (outcome !== "unavailable") doubtedUntil = 0;
      return outcome;
    },
    /** As `publish`, of a message that goes to no queue: its confirm says nothing of the queues. */
    probe: send,
    opened(opened: Link): void {
      link = opened;
    },
    blocked(blocked: boolean): void {
      isBlocked = blocked;
    },
    lost(): void {
      link = undefined;
      isBlocked = false;
      unconfirmed.giveUp();
    },
    /** The broker has returned a message; its confirm comes after. */
    returned: unconfirmed.returned,
    /** "down" too for a while after a confirm that did not come in time, on any connection, until one comes. */
    status(): "up" | "blocked" | "down" {
      if (link === undefined || isClosing) return "down";
      if (isBlocked) return "blocked";
      return performance.now() < doubtedUntil ? "down" : "up";
    },
    /** Whether a publish would be "unavailable" at once, however little there is of it. */
    isClosed,
    unconfirmed: () => unconfirmed.size().count,
    /** Takes no more, and resolves once all unconfirmed messages are settled. */
    async end(): Promise<void> {
      isClosing = true;
      await unconfirmed.end();
    },
  };
}

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
